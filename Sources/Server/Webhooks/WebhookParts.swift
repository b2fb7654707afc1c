internal import Domain
internal import Storage

/// Webhooks and what sends to them.
struct WebhookParts: Sendable {
    let store: WebhookStore
    let sender: any WebhookSending
    let service: WebhookDeliveryService
}
