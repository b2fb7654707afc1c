/// Every demand of the policy on one version, each with its evidence.
public struct ReadinessReport: Sendable, Hashable, Codable {
    public enum Status: String, Sendable, Codable { case met, unmet, unknown }

    public struct Row: Sendable, Hashable, Codable {
        /// Stable within the policy, for example `metrics.recall@validation`.
        public var criterion: String
        /// As people write it: `≥ 0.8`.
        public var threshold: String
        /// As people write it; nil where unknown.
        public var measured: String?
        public var status: Status
        /// Where the value comes from: a run id, a dataset digest, a measurement's id and time, or why it is unknown.
        public var evidence: String
        /// Whether the criterion, at least this strict, was in force before the evaluation that meets it; nil if that has no time.
        public var writtenBefore: Bool?

        public init(
            criterion: String, threshold: String, measured: String?, status: Status, evidence: String,
            writtenBefore: Bool? = nil
        ) {
            self.criterion = criterion
            self.threshold = threshold
            self.measured = measured
            self.status = status
            self.evidence = evidence
            self.writtenBefore = writtenBefore
        }
    }

    public var version: ModelVersionID
    public var policyVersion: Int
    public var time: Timestamp
    public var rows: [Row]

    public init(version: ModelVersionID, policyVersion: Int, time: Timestamp, rows: [Row]) {
        self.version = version
        self.policyVersion = policyVersion
        self.time = time
        self.rows = rows
    }

    /// Unknown never counts as met; no criteria at all is ready.
    public var isReady: Bool { rows.allSatisfy { $0.status == .met } }
}
