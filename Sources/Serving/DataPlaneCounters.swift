public import Domain
internal import Synchronization

/// What the data plane refused, dropped or mended since it started.
public struct DataPlaneCounts: Sendable, Hashable {
    /// Requests refused because too many were in work.
    public var refused: Int
    /// Shadow copies dropped because their queue was full.
    public var shadowsDropped: Int
    /// Answers that broke the policy's output bounds.
    public var boundViolations: Int
    /// Requests that something else answered than the version that was to, by what did.
    public var fallbacksBy: [Fallback.Server: Int]
    public var fallbacks: Int { fallbacksBy.values.reduce(0, +) }
    /// Sampled records dropped because the prediction log's queue was full.
    public var recordsDropped: Int
}

/// The counters behind `DataPlaneCounts`.
final class DataPlaneCounters: Sendable {
    let refused = Atomic<Int>(0)
    let shadowsDropped = Atomic<Int>(0)
    let boundViolations = Atomic<Int>(0)
    private let fallbacksToChampion = Atomic<Int>(0)
    private let fallbacksToPrevious = Atomic<Int>(0)
    private let fallbacksToRule = Atomic<Int>(0)
    let recordsDropped = Atomic<Int>(0)

    var counts: DataPlaneCounts {
        DataPlaneCounts(
            refused: refused.load(ordering: .relaxed), shadowsDropped: shadowsDropped.load(ordering: .relaxed),
            boundViolations: boundViolations.load(ordering: .relaxed),
            fallbacksBy: [
                .champion: fallbacksToChampion.load(ordering: .relaxed),
                .previous: fallbacksToPrevious.load(ordering: .relaxed),
                .rule: fallbacksToRule.load(ordering: .relaxed),
            ],
            recordsDropped: recordsDropped.load(ordering: .relaxed))
    }

    func count(_ server: Fallback.Server) {
        switch server {
        case .champion: fallbacksToChampion.wrappingAdd(1, ordering: .relaxed)
        case .previous: fallbacksToPrevious.wrappingAdd(1, ordering: .relaxed)
        case .rule: fallbacksToRule.wrappingAdd(1, ordering: .relaxed)
        }
    }
}
