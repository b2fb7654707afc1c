/// A delivery that was taken to be sent, with all that sending needs. Lives for one attempt.
public struct WebhookParcel: Sendable {
    public var deliveryID: String
    public var webhookID: String
    public var url: String
    public var payload: String
    /// nil sends without a signature. Never logged.
    public var secret: String?
    /// This attempt included.
    public var attempt: Int

    public init(
        deliveryID: String, webhookID: String, url: String, payload: String, secret: String?, attempt: Int
    ) {
        self.deliveryID = deliveryID
        self.webhookID = webhookID
        self.url = url
        self.payload = payload
        self.secret = secret
        self.attempt = attempt
    }
}
