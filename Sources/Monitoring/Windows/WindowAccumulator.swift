public import Domain
internal import Foundation
import Synchronization

/// Takes observations from the data plane and holds them until they are counted: the tap's other end.
///
/// An observation costs the caller one short lock on one of several stripes and one append. Full means dropped and counted;
/// nothing waits, nothing throws.
public final class WindowAccumulator: ObservationSink {
    /// Two for each processor that answers requests, so that two requests seldom meet; no more, since what one holds is counted together.
    static let stripeCount = min(16, 2 * ProcessInfo.processInfo.activeProcessorCount)
    /// Requests held by one stripe: of all, what comes in a quarter of a second at 250,000 a second.
    static let observationsMax = 65_536 / stripeCount
    /// Bytes of tensors held by one stripe beyond one observation; a batch that no request could be larger than is held by itself.
    static let bytesMax = (64 << 20) / stripeCount

    private final class Stripe: Sendable {
        struct Content: Sendable {
            var observations: [Observation] = []
            var bytes = 0
        }
        let content = Mutex(Content())
    }

    private let stripes = (0..<stripeCount).map { _ in Stripe() }
    private let turn = Atomic<UInt>(0)
    private let dropped = Atomic<Int>(0)

    public init() {}

    public func observe(_ observation: Observation) {
        let index = Int(turn.wrappingAdd(1, ordering: .relaxed).oldValue % UInt(Self.stripeCount))
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
