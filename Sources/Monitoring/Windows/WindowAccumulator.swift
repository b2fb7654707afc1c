public import Domain
import Synchronization

/// Takes observations from the data plane and holds them until they are counted: the tap's other end.
///
/// An observation costs the caller one short lock on one of several stripes and one append. Full means dropped and counted;
/// nothing waits, nothing throws.
public final class WindowAccumulator: ObservationSink {
    /// More stripes than processors that answer requests at a time, so that two seldom meet.
    static let stripeCount = 16
    /// Requests held by one stripe: at 64 stripes' worth of 100,000 requests a second, a quarter of a second has room.
    static let observationsMax = 4_096
    /// Values (rows × columns) held by one stripe: 16 stripes of 8 bytes each are 64 MiB.
    static let valuesMax = 524_288

    private final class Stripe: Sendable {
        struct Content: Sendable {
            var observations: [Observation] = []
            var values = 0
        }
        let content = Mutex(Content())
    }

    private let stripes = (0..<stripeCount).map { _ in Stripe() }
    private let turn = Atomic<Int>(0)
    private let dropped = Atomic<Int>(0)

    public init() {}

    public func observe(_ observation: Observation) {
        let index = turn.wrappingAdd(1, ordering: .relaxed).oldValue & (Self.stripeCount - 1)
        let values = observation.rows * (observation.features.count + 1)
        let isKept = stripes[index].content.withLock { content in
            guard content.observations.count < Self.observationsMax, content.values + values <= Self.valuesMax else {
                return false
            }
            content.observations.append(observation)
            content.values += values
            return true
        }
        if !isKept { dropped.wrappingAdd(1, ordering: .relaxed) }
    }

    /// Hands over all that came in since the last call, in no order between stripes.
    public func drain() -> [Observation] {
        stripes.flatMap { stripe in
            stripe.content.withLock { content in
                let observations = content.observations
                content = Stripe.Content()
                return observations
            }
        }
    }

    /// Observations dropped since the start because the buffer was full.
    public var droppedCount: Int { dropped.load(ordering: .relaxed) }
}
