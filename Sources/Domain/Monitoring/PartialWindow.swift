/// What one process counted of one version's traffic in one short slot of time. Partials of equal bins add up.
public struct PartialWindow: Sendable, Hashable, Codable {
    /// Counts of one column against the reference's bins.
    public struct Column: Sendable, Hashable, Codable {
        public var counts: [Int]
        public var missing: Int = 0
        public var outOfRange: Int = 0
        /// Welford's figures of the finite values.
        public var finite: Int = 0
        public var mean: Double = 0
        public var squaredDeviations: Double = 0
        public var minimum: Double?
        public var maximum: Double?

        public init(binCount: Int) { counts = [Int](repeating: 0, count: binCount) }

        enum CodingKeys: String, CodingKey {
            case counts = "c"
            case missing = "m"
            case outOfRange = "o"
            case finite = "n"
            case mean = "a"
            case squaredDeviations = "s"
            case minimum = "l"
            case maximum = "h"
        }
    }

    public var endpoint: String
    public var version: Int
    public var role: Variant.Role
    /// Inclusive.
    public var start: Timestamp
    /// Exclusive.
    public var end: Timestamp
    public var requests: Int = 0
    /// Failures by the server's fault.
    public var errors: Int = 0
    /// Failures by the caller's fault.
    public var rejected: Int = 0
    /// Latency of successes, by the bucket of `Statistics.LogHistogram`.
    public var latency: [Int: Int] = [:]
    public var rows: Int = 0
    /// When the reference was built whose bins these are; nil while there was none, and then the columns are empty.
    public var referenceBuiltAt: Timestamp?
    public var features: [Column] = []
    public var prediction: Column?
    /// Counts of predictions by value or magnitude, comparable across versions without a reference.
    public var predictionCounts: [String: Int] = [:]

    public init(endpoint: String, version: Int, role: Variant.Role, start: Timestamp, end: Timestamp) {
        self.endpoint = endpoint
        self.version = version
        self.role = role
        self.start = start
        self.end = end
    }

    enum CodingKeys: String, CodingKey {
        case endpoint, version, role, start, end, requests, errors, rejected, latency, rows, features, prediction
        case referenceBuiltAt = "reference_built_at"
        case predictionCounts = "prediction_counts"
    }
}

/// Where windows are kept (observations.db).
public protocol WindowStore: Sendable {
    /// Adds partials; durable when it returns.
    func append(_ partials: [PartialWindow]) async throws
    /// Partials of an endpoint that begin in `from ..< to`, oldest first; all versions where `version` is nil.
    func partials(endpoint: String, version: Int?, from: Timestamp, to: Timestamp) async throws -> [PartialWindow]
    /// Replaces the partials that begin in `from ..< to` by `merged`, in one transaction.
    func compact(from: Timestamp, to: Timestamp, into merged: [PartialWindow]) async throws
    /// Keeps a closed window; one of the same endpoint, version, role and start is replaced.
    func save(_ summary: WindowSummary) async throws
    /// Closed windows that begin at `from` or later, oldest first, at most the newest `limit`.
    func summaries(endpoint: String, version: Int?, from: Timestamp, limit: Int) async throws -> [WindowSummary]
    /// Keeps a quality report.
    func save(_ report: QualityReport) async throws
    /// Quality reports made at `from` or later, oldest first, at most the newest `limit`.
    func qualityReports(endpoint: String, from: Timestamp, limit: Int) async throws -> [QualityReport]
    /// Removes what is older, and says how many rows went.
    func prune(partialsBefore: Timestamp, summariesBefore: Timestamp) async throws -> Int
}
