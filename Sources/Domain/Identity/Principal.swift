/// Who acts: a person, a service or a part of Martlet itself.
public struct Principal: Sendable, Hashable, Codable {
    public struct ID: Sendable, Hashable, Codable, RawRepresentable, CustomStringConvertible {
        public var rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public init(from decoder: any Decoder) throws {
            rawValue = try decoder.singleValueContainer().decode(String.self)
        }
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(rawValue)
        }
        public var description: String { rawValue }
    }

    /// Stable, never reused.
    public var id: ID
    /// The unique name that people see and type.
    public var name: String
    public var roles: Set<Role>
    /// A narrow key (a retraining child's, say) is confined to one registered model; nil is not confined.
    public var onlyModel: String?
    /// The id of the API key that proved this principal, if a key did.
    public var keyID: String?
    /// How many predictions it may ask for; nil is without a bound.
    public var limits: RequestLimits?

    public init(
        id: ID, name: String, roles: Set<Role>, onlyModel: String? = nil, keyID: String? = nil,
        limits: RequestLimits? = nil
    ) {
        self.id = id
        self.name = name
        self.roles = roles
        self.onlyModel = onlyModel
        self.keyID = keyID
        self.limits = limits
    }

    /// Whether any role allows what `required` may do.
    public func may(_ required: Role) -> Bool {
        roles.contains { $0.allows(required) }
    }

    /// - Throws: `permissionDenied`, naming the role that is missing.
    public func require(_ required: Role, to action: String) throws(MartletError) {
        guard may(required) else {
            throw MartletError(
                .permissionDenied, "\(name) may not \(action): that needs the role \(required.rawValue).")
        }
    }

    /// The development mode's only principal: `--dev` has no authentication.
    public static let developer = Principal(id: ID(rawValue: "dev"), name: "dev", roles: [.administrator])
    /// The rollout controller: the only one that moves a champion alias.
    public static let rolloutController = Principal(
        id: ID(rawValue: "system:rollout-controller"), name: "rollout-controller", roles: [.operator])
    /// Monitors, alerts and retraining triggers.
    public static let monitor = Principal(id: ID(rawValue: "system:monitor"), name: "monitor", roles: [.operator])
    /// Whom the narrow keys of retraining commands name.
    public static let retraining = Principal(
        id: ID(rawValue: "system:retraining"), name: "retraining", roles: [.contributor])
    /// Start-up, migration and conversion.
    public static let system = Principal(id: ID(rawValue: "system:server"), name: "server", roles: [.administrator])
}
