/// The port through which the rollout controller sees live traffic.
public protocol RolloutEvidenceSource: Sendable {
    /// What was observed since `since` (inclusive), up to the last request answered.
    func evidence(endpoint: String, candidate: Int, champion: Int?, since: Timestamp) async throws -> RolloutEvidence
}
