/// A change of an endpoint's variants, step by step.
public struct Rollout: Sendable, Hashable, Codable {
    public enum State: String, Sendable, Codable {
        case pending, progressing, paused, promoted
        case rolledBack = "rolled_back"

        /// Whether nothing can happen to it any more.
        public var isFinal: Bool { self == .promoted || self == .rolledBack }
    }
    public var id: Int64
    public var endpoint: String
    public var candidate: Int
    /// nil where the endpoint had no champion: then there is nothing to compare with.
    public var champion: Int?
    public var plan: RolloutPlan
    public var guardrails: Guardrails
    public var policyVersion: Int
    public var state: State
    /// Index into the plan's steps; equal to their number once promoted.
    public var step: Int
    public var stepStartedAt: Timestamp
    public var startedAt: Timestamp
    public var updatedAt: Timestamp
    public var startedBy: String
    /// Why it is where it is: the broken guardrail with its figures, a person's reason.
    public var reason: String?

    public init(
        id: Int64, endpoint: String, candidate: Int, champion: Int?, plan: RolloutPlan, guardrails: Guardrails,
        policyVersion: Int, state: State, step: Int, stepStartedAt: Timestamp, startedAt: Timestamp,
        updatedAt: Timestamp, startedBy: String, reason: String? = nil
    ) {
        self.id = id
        self.endpoint = endpoint
        self.candidate = candidate
        self.champion = champion
        self.plan = plan
        self.guardrails = guardrails
        self.policyVersion = policyVersion
        self.state = state
        self.step = step
        self.stepStartedAt = stepStartedAt
        self.startedAt = startedAt
        self.updatedAt = updatedAt
        self.startedBy = startedBy
        self.reason = reason
    }
}

/// Something that happened to a rollout, with the figures it was decided on.
public struct RolloutEvent: Sendable, Hashable, Codable {
    public var rolloutID: Int64
    public var time: Timestamp
    /// started, step, evaluated, paused, resumed, promoted, rolled_back.
    public var kind: String
    public var step: Int
    public var detail: String
    public var evidence: RolloutEvidence?

    public init(
        rolloutID: Int64, time: Timestamp, kind: String, step: Int, detail: String, evidence: RolloutEvidence? = nil
    ) {
        self.rolloutID = rolloutID
        self.time = time
        self.kind = kind
        self.step = step
        self.detail = detail
        self.evidence = evidence
    }
}

/// What live traffic says about the two versions since the step began. Made by Monitoring, read by the rollout controller.
public struct RolloutEvidence: Sendable, Hashable, Codable {
    /// Traffic of one version.
    public struct Side: Sendable, Hashable, Codable {
        public var requests: Int
        /// Failures by the server's fault.
        public var errors: Int
        public var p99Milliseconds: Double?
        public var labels: Int
        /// Quality metrics from feedback, by name.
        public var quality: [String: Double]

        public init(
            requests: Int = 0, errors: Int = 0, p99Milliseconds: Double? = nil, labels: Int = 0,
            quality: [String: Double] = [:]
        ) {
            self.requests = requests
            self.errors = errors
            self.p99Milliseconds = p99Milliseconds
            self.labels = labels
            self.quality = quality
        }
    }
    public var candidate: Side
    public var champion: Side?
    /// PSI between the two sides' predictions; nil below the least number of rows.
    public var predictionPSI: Double?

    public init(candidate: Side, champion: Side?, predictionPSI: Double?) {
        self.candidate = candidate
        self.champion = champion
        self.predictionPSI = predictionPSI
    }
}
