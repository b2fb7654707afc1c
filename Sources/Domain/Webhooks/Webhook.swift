/// An address that is told of events of the registry. Its secret stays in the store.
public struct Webhook: Sendable, Hashable {
    public enum Status: String, Sendable, Hashable, CaseIterable {
        case active = "ACTIVE"
        case disabled = "DISABLED"
    }

    public var id: String
    public var name: String
    public var description: String?
    public var url: String
    public var events: [WebhookEvent]
    public var status: Status
    /// Whether deliveries are signed.
    public var hasSecret: Bool
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: String, name: String, description: String?, url: String, events: [WebhookEvent], status: Status,
        hasSecret: Bool, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.url = url
        self.events = events
        self.status = status
        self.hasSecret = hasSecret
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
