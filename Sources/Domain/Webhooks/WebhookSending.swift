/// Sends one parcel once. Never throws: what goes wrong is an outcome.
public protocol WebhookSending: Sendable {
    func send(_ parcel: WebhookParcel) async -> WebhookOutcome
}
