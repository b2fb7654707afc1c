/// What is kept of an API key: everything but its secret.
public struct APIKey: Sendable, Hashable, Codable {
    /// The middle part of `mk_<id>_<secret>`: 16 hexadecimal digits. Not secret.
    public var id: String
    public var principalID: Principal.ID
    public var principalName: String
    /// What its owner calls it; may be empty.
    public var label: String
    /// A narrow key is confined to this registered model; nil is not confined.
    public var onlyModel: String?
    public var createdAt: Timestamp
    /// Nil does not expire.
    public var expiresAt: Timestamp?
    /// Nil is in force.
    public var revokedAt: Timestamp?

    public init(
        id: String, principalID: Principal.ID, principalName: String, label: String, onlyModel: String? = nil,
        createdAt: Timestamp, expiresAt: Timestamp? = nil, revokedAt: Timestamp? = nil
    ) {
        self.id = id
        self.principalID = principalID
        self.principalName = principalName
        self.label = label
        self.onlyModel = onlyModel
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }

    public func isInForce(at now: Timestamp) -> Bool {
        revokedAt == nil && expiresAt.map { now < $0 } ?? true
    }

    enum CodingKeys: String, CodingKey {
        case id, label
        case principalID = "principal_id"
        case principalName = "principal_name"
        case onlyModel = "only_model"
        case createdAt = "created_at"
        case expiresAt = "expires_at"
        case revokedAt = "revoked_at"
    }
}
