/// What came of one attempt.
public struct WebhookOutcome: Sendable, Hashable {
    /// nil if there was no answer.
    public var status: Int?
    /// The beginning of the answer.
    public var body: String?
    /// Why there is no answer.
    public var error: String?
    /// Seconds that the receiver asked to wait.
    public var retryAfter: Int?
    /// Whether trying again cannot help: the address is one that nothing may be sent to.
    public var isFinal: Bool

    public init(
        status: Int? = nil, body: String? = nil, error: String? = nil, retryAfter: Int? = nil, isFinal: Bool = false
    ) {
        self.status = status
        self.body = body
        self.error = error
        self.retryAfter = retryAfter
        self.isFinal = isFinal
    }

    public var isSuccess: Bool { status.map { $0 < 400 } ?? false }

    /// Whether another attempt is due.
    public func isWorthRetrying(after attempt: Int) -> Bool {
        guard !isSuccess, !isFinal, attempt < WebhookRules.attemptsMax else { return false }
        return status.map(WebhookRules.isWorthRetrying) ?? true
    }
}
