/// One event on its way to one webhook, and how that went.
public struct WebhookDelivery: Sendable, Hashable, Codable {
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// Waits for its first or next attempt.
        case pending
        /// The receiver answered with a status below 400.
        case delivered
        /// Refused, or given up after the last attempt.
        case failed
    }

    public var id: String
    public var webhookID: String
    /// For example `model_version.created`.
    public var event: String
    /// The JSON that is sent; the same bytes with every attempt.
    public var payload: String
    public var state: State
    public var attempts: Int
    public var createdAt: Timestamp
    /// When it is tried next; nil when it is not.
    public var nextAttemptAt: Timestamp?
    public var finishedAt: Timestamp?
    /// Of the last answer; nil if there was none.
    public var responseStatus: Int?
    /// The beginning of the last answer.
    public var responseBody: String?
    /// Why the last attempt failed.
    public var error: String?

    public init(
        id: String, webhookID: String, event: String, payload: String, state: State, attempts: Int,
        createdAt: Timestamp, nextAttemptAt: Timestamp?, finishedAt: Timestamp?, responseStatus: Int?,
        responseBody: String?, error: String?
    ) {
        self.id = id
        self.webhookID = webhookID
        self.event = event
        self.payload = payload
        self.state = state
        self.attempts = attempts
        self.createdAt = createdAt
        self.nextAttemptAt = nextAttemptAt
        self.finishedAt = finishedAt
        self.responseStatus = responseStatus
        self.responseBody = responseBody
        self.error = error
    }
}
