/// A principal as the accounts are administered: with its state.
public struct Account: Sendable, Hashable, Codable {
    public var id: Principal.ID
    /// Unique for ever: a removed account keeps its name, so that nobody takes over what was recorded under it.
    public var name: String
    public var roles: Set<Role>
    /// A part of Martlet itself; it cannot be removed.
    public var isSystem: Bool
    public var createdAt: Timestamp
    /// Nil is in force.
    public var disabledAt: Timestamp?
    /// How many predictions it may ask for; nil is without a bound.
    public var limits: RequestLimits?

    public init(
        id: Principal.ID, name: String, roles: Set<Role>, isSystem: Bool = false, createdAt: Timestamp,
        disabledAt: Timestamp? = nil, limits: RequestLimits? = nil
    ) {
        self.id = id
        self.name = name
        self.roles = roles
        self.isSystem = isSystem
        self.createdAt = createdAt
        self.disabledAt = disabledAt
        self.limits = limits
    }

    enum CodingKeys: String, CodingKey {
        case id, name, roles, limits
        case isSystem = "is_system"
        case createdAt = "created_at"
        case disabledAt = "disabled_at"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(name, forKey: .name)
        try container.encode(roles.map(\.rawValue).sorted(), forKey: .roles)
        try container.encode(isSystem, forKey: .isSystem)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encodeIfPresent(disabledAt, forKey: .disabledAt)
        try container.encodeIfPresent(limits, forKey: .limits)
    }
}
