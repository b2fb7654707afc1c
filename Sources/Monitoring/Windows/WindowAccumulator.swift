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
    /// Bytes of tensors held by one stripe beyond one observation; a batch that no request could be larger than is held by itself.
    static let bytesMax = 4 << 20

    private final class Stripe: Sendable {
        struct Content: Sendable {
            var observations: [Observation] = []
            var bytes = 0
        }
        let content = Mutex(Content())
    }

    private let stripes = (0..<stripeCount).map { _ in Stripe() }
    private let turn = Atomic<Int>(0)
    private let dropped = Atomic<Int>(0)

    public init() {}

    public func observe(_ observation: Observation) {
        let index = turn.wrappingAdd(1, ordering: .relaxed).oldValue & (Self.stripeCount - 1)
        let bytes = observation.heldBytes
        let isKept = stripes[index].content.withLock { content in
            guard content.observations.count < Self.observationsMax,
                content.observations.isEmpty || content.bytes + bytes <= Self.bytesMax
            else { return false }
            content.observations.append(observation)
            content.bytes += bytes
            return true
        }
        if !isKept { dropped.wrappingAdd(1, ordering: .relaxed) }
    }

    /// Hands over all that one stripe holds, in the order in which it came; there is no order between stripes.
    func drain(_ stripe: Int) -> [Observation] {
        stripes[stripe].content.withLock { content in
            let observations = content.observations
            content = Stripe.Content()
            return observations
        }
    }

    /// Observations dropped since the start because the buffer was full.
    public var droppedCount: Int { dropped.load(ordering: .relaxed) }
}
