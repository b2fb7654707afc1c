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
