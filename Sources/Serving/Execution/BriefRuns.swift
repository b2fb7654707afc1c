internal import Synchronization

/// Learns up to which size of its inputs a model's runs are so short that to change threads for one would cost more than the run.
///
/// Only for models whose work follows from the shapes of their inputs: there what was short stays short.
final class BriefRuns: Sendable {
    /// Runs up to this long are brief; one of them may hold up its event loop.
    static let briefMax = Duration.microseconds(100)
    /// A run that turns out this long ends the trust in what was measured.
    static let longMin = Duration.milliseconds(2)
    /// Brief runs that must have been seen, of whatever size. A size is known once a run of it, or of a larger one, was brief.
    static let seenMin = 8

    private let seen = Atomic<Int>(0)
    private let elementsMax = Atomic<Int>(0)

    /// Whether inputs of so many elements are known to be computed briefly.
    func isKnown(elements: Int) -> Bool {
        seen.load(ordering: .relaxed) >= Self.seenMin && elements <= elementsMax.load(ordering: .relaxed)
    }

    func learn(elements: Int, took duration: Duration) {
        if duration > Self.longMin {
            seen.store(0, ordering: .relaxed)
            elementsMax.store(0, ordering: .relaxed)
        } else if duration <= Self.briefMax {
            elementsMax.max(elements, ordering: .relaxed)
            if seen.load(ordering: .relaxed) < Self.seenMin { seen.wrappingAdd(1, ordering: .relaxed) }
        }
    }
}
