internal import Synchronization

/// What the data plane refused, dropped or mended since it started.
public struct DataPlaneCounts: Sendable, Hashable {
    /// Requests refused because too many were in work.
    public var refused: Int
    /// Shadow copies dropped because their queue was full.
    public var shadowsDropped: Int
    /// Answers that broke the policy's output bounds.
    public var boundViolations: Int
    /// Requests that the champion answered because the candidate failed or broke a bound.
    public var fallbacks: Int
    /// Sampled records dropped because the prediction log's queue was full.
    public var recordsDropped: Int
}

/// The counters behind `DataPlaneCounts`.
final class DataPlaneCounters: Sendable {
    let refused = Atomic<Int>(0)
    let shadowsDropped = Atomic<Int>(0)
    let boundViolations = Atomic<Int>(0)
    let fallbacks = Atomic<Int>(0)
    let recordsDropped = Atomic<Int>(0)

    var counts: DataPlaneCounts {
        DataPlaneCounts(
            refused: refused.load(ordering: .relaxed), shadowsDropped: shadowsDropped.load(ordering: .relaxed),
            boundViolations: boundViolations.load(ordering: .relaxed), fallbacks: fallbacks.load(ordering: .relaxed),
            recordsDropped: recordsDropped.load(ordering: .relaxed))
    }
}
