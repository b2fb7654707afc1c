/// A request that a version (or a loosening of its policy) be approved, and the decisions taken on it.
public struct Approval: Sendable, Hashable, Codable {
    public enum Subject: Sendable, Hashable, Codable {
        case modelVersion(ModelVersionID)
        case policy(model: String, version: Int)
    }
    public enum State: String, Sendable, Codable { case pending, approved, rejected }

    public struct Decision: Sendable, Hashable, Codable {
        public var principal: Principal.ID
        public var principalName: String
        public var approves: Bool
        public var reason: String
        public var time: Timestamp
        public init(principal: Principal.ID, principalName: String, approves: Bool, reason: String, time: Timestamp) {
            self.principal = principal
            self.principalName = principalName
            self.approves = approves
            self.reason = reason
            self.time = time
        }
    }

    public var id: Int64
    public var subject: Subject
    public var requestedBy: Principal.ID
    public var requestedByName: String
    public var requestedAt: Timestamp
    public var rule: ApprovalRule
    public var policyVersion: Int
    public var decisions: [Decision]
    public var state: State

    public init(
        id: Int64, subject: Subject, requestedBy: Principal.ID, requestedByName: String, requestedAt: Timestamp,
        rule: ApprovalRule, policyVersion: Int, decisions: [Decision] = [], state: State = .pending
    ) {
        self.id = id
        self.subject = subject
        self.requestedBy = requestedBy
        self.requestedByName = requestedByName
        self.requestedAt = requestedAt
        self.rule = rule
        self.policyVersion = policyVersion
        self.decisions = decisions
        self.state = state
    }
}

extension Approval.Subject {
    /// `model_version` or `policy`.
    public var kind: String {
        switch self {
        case .modelVersion: "model_version"
        case .policy: "policy"
        }
    }

    public var model: String {
        switch self {
        case .modelVersion(let id): id.model
        case .policy(let model, _): model
        }
    }

    /// Of the model, or of its policy.
    public var version: Int {
        switch self {
        case .modelVersion(let id): id.version
        case .policy(_, let version): version
        }
    }
}

extension Approval.Subject {
    private enum Key: CodingKey { case kind, model, version }
    /// Approvals kept by 0.1 and earlier: `{"modelVersion": {"_0": {"model": …, "version": …}}}`.
    private enum FormerKey: String, CodingKey { case modelVersion, policy, value = "_0" }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(kind, forKey: .kind)
        try container.encode(model, forKey: .model)
        try container.encode(version, forKey: .version)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        guard let kind = try container.decodeIfPresent(String.self, forKey: .kind) else {
            self = try Self.former(decoder)
            return
        }
        let (model, version) = (
            try container.decode(String.self, forKey: .model), try container.decode(Int.self, forKey: .version)
        )
        switch kind {
        case "model_version": self = .modelVersion(ModelVersionID(model: model, version: version))
        case "policy": self = .policy(model: model, version: version)
        default:
            throw DecodingError.dataCorruptedError(
                forKey: .kind, in: container, debugDescription: "\(kind) is no subject of an approval.")
        }
    }

    private static func former(_ decoder: any Decoder) throws -> Self {
        let container = try decoder.container(keyedBy: FormerKey.self)
        if container.contains(.policy) {
            let policy = try container.nestedContainer(keyedBy: Key.self, forKey: .policy)
            return .policy(
                model: try policy.decode(String.self, forKey: .model),
                version: try policy.decode(Int.self, forKey: .version))
        }
        let version = try container.nestedContainer(keyedBy: FormerKey.self, forKey: .modelVersion)
        return .modelVersion(try version.decode(ModelVersionID.self, forKey: .value))
    }
}
