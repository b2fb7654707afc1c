/// The stable name that clients call. It has the name of its registered model.
public struct Endpoint: Sendable, Hashable, Codable {
    /// Small, stable, never reused: it goes into prediction ids.
    public var id: Int64
    /// Also the registered model's name.
    public var name: String
    public var variants: [Variant]
    /// The policy version in force; nil where the model has none.
    public var policyVersion: Int?
    public var record: RecordRule
    public var outputBounds: [OutputBound]
    /// What the values of requests are held against, by version; nil where the policy asks for no validation.
    public var inputRules: [VersionInputRules]?
    /// The champion before the present one; nil where there was none.
    public var previousChampion: Int?
    public var fallback: FallbackPlan?
    /// nil leaves the server's own limits.
    public var serving: ServingLimits?
    /// nil is the default rule.
    public var circuitBreaker: CircuitBreakerRule?
    /// nil answers each request by a run of its own.
    public var batching: BatchingRule?
    /// The rollout in progress and its step, for traces.
    public var rolloutID: Int64?
    public var rolloutStep: Int?
    public var updatedAt: Timestamp

    public init(
        id: Int64, name: String, variants: [Variant], policyVersion: Int? = nil, record: RecordRule = RecordRule(),
        outputBounds: [OutputBound] = [], batching: BatchingRule? = nil, rolloutID: Int64? = nil,
        rolloutStep: Int? = nil, updatedAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.variants = variants
        self.policyVersion = policyVersion
        self.record = record
        self.outputBounds = outputBounds
        self.batching = batching
        self.rolloutID = rolloutID
        self.rolloutStep = rolloutStep
        self.updatedAt = updatedAt
    }

    /// The variant that is the fallback and the comparison of all others.
    public var champion: Variant? { variants.first { $0.role == .champion } }
}

/// One model version behind an endpoint.
public struct Variant: Sendable, Hashable, Codable {
    public enum Role: String, Sendable, Codable {
        case champion, candidate
        /// Gets copies; its answers never leave.
        case shadow
    }
    public var version: Int
    public var role: Role
    /// Share of traffic in ten-thousandths; champion and candidate add up to 10,000; 0 in shadow.
    public var weightBasisPoints: Int

    public init(version: Int, role: Role, weightBasisPoints: Int) {
        self.version = version
        self.role = role
        self.weightBasisPoints = weightBasisPoints
    }
}
