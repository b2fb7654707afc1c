/// One applied policy. Versions of a model's policy count 1, 2, 3 …; the newest one in force governs.
public struct PolicyVersion: Sendable, Hashable, Codable {
    public enum State: String, Sendable, Codable {
        case inForce = "in_force"
        /// Loosens a criterion, so another principal must agree before it governs.
        case pendingApproval = "pending_approval"
        case superseded, rejected
    }
    public var model: String
    public var version: Int
    public var policy: Policy
    /// The text as it was applied.
    public var document: String
    public var state: State
    public var author: Principal.ID
    public var authorName: String
    public var appliedAt: Timestamp
    /// When it came into force: at once, or when its loosening was approved. Nil if it never did.
    public var inForceAt: Timestamp?
    /// What it loosens against the version before, one sentence each; empty where nothing.
    public var loosens: [String]

    public init(
        model: String, version: Int, policy: Policy, document: String, state: State, author: Principal.ID,
        authorName: String, appliedAt: Timestamp, inForceAt: Timestamp? = nil, loosens: [String]
    ) {
        self.model = model
        self.version = version
        self.policy = policy
        self.document = document
        self.state = state
        self.author = author
        self.authorName = authorName
        self.appliedAt = appliedAt
        self.inForceAt = inForceAt
        self.loosens = loosens
    }
}
