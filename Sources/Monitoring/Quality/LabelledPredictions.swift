public import Domain

/// A prediction with what was learned of it.
public struct LabelledPrediction: Sendable, Hashable {
    public var outcome: PredictionOutcome
    /// The true class or number, as text.
    public var label: String
}

/// Predictions whose labels are known, for whoever trains on them.
public struct LabelledPredictions: Sendable {
    private let join: LabelJoin

    public init(feedback: any FeedbackStore, outcomes: any OutcomeStore) {
        join = LabelJoin(feedback: feedback, outcomes: outcomes)
    }

    /// Of predictions made at `since` or later whose answers left (shadows' did not), newest first.
    ///
    /// - Parameter limit: the newest labels that are looked at.
    public func newest(endpoint: String, since: Timestamp, limit: Int) async throws -> [LabelledPrediction] {
        try await join.rows(endpoint: endpoint, since: since, limit: limit)
            .filter { $0.outcome.role != .shadow }
            .map { LabelledPrediction(outcome: $0.outcome, label: $0.label) }
    }
}
