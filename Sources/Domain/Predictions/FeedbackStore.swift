/// Where feedback is kept (registry.db).
public protocol FeedbackStore: Sendable {
    /// Stores all of it in one transaction, durable when it returns.
    ///
    /// A value that is already there for the same row is replaced and the former kept as its history; equal repeats change
    /// nothing; what an entry leaves out stays as it was. An override appends an audit event in the same transaction.
    ///
    /// - Parameter actor: who sent it.
    func record(_ feedback: [Feedback], by actor: Principal) async throws -> FeedbackReceipt
    /// Everything known of one prediction's rows, by row, then by time; corrected values before their correction.
    func feedback(of id: PredictionID) async throws -> [Feedback]
    /// Everything known of requests with this business key, by row, then by time.
    func feedback(endpoint: String, businessKey: String) async throws -> [Feedback]
    /// The current labels of an endpoint, newest first.
    func newestLabelled(endpoint: String, since: Timestamp, limit: Int) async throws -> [Feedback]
    /// Current feedback with business figures, newest first.
    func newestWithKPIs(endpoint: String, since: Timestamp, limit: Int) async throws -> [Feedback]
}

/// What became of a list of feedback.
public struct FeedbackReceipt: Sendable, Hashable, Codable {
    /// First of their row.
    public var accepted: Int
    /// Replaced an earlier value.
    public var corrected: Int
    /// Equal to what was there.
    public var unchanged: Int

    public init(accepted: Int = 0, corrected: Int = 0, unchanged: Int = 0) {
        self.accepted = accepted
        self.corrected = corrected
        self.unchanged = unchanged
    }
}
