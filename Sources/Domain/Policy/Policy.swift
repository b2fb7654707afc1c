/// The contract of one registered model, written as `martlet.yaml` before its pilot begins.
///
/// Every field but `model`, `owner`, `purpose` and `task` has a default. Unknown keys are refused by the codec.
public struct Policy: Sendable, Hashable, Codable {
    /// The registered model that this governs, and the name of its endpoint.
    public var model: String
    public var owner: String
    public var purpose: String
    public var task: ModelTask
    /// The responsible team.
    public var team: String?
    public var knownLimitations: [String] = []
    /// For binary classification: the class that counts as positive, as the label's text. Default "1".
    public var positiveClass: String = "1"
    public var criteria = Criteria()
    public var approvals = ApprovalRule()
    public var rollout = RolloutPlan()
    public var guardrails = Guardrails()
    public var monitors = Monitors()
    public var outputBounds: [OutputBound] = []
    /// nil validates no values.
    public var validation: InputValidation?
    /// nil is the default rule.
    public var circuitBreaker: CircuitBreakerRule?
    /// nil leaves the server's own limits.
    public var serving: ServingLimits?
    /// nil has an error where champion and candidate have no answer.
    public var fallback: FallbackPlan?
    public var record = RecordRule()
    /// nil answers each request by a run of its own.
    public var batching: BatchingRule?
    public var alerts = AlertRoutes()
    public var retraining: RetrainingRule?
    /// nil asks for no signature.
    public var signing: SigningRule?
    /// The alias that names the version in production; moved by the rollout controller alone.
    public var championAlias: String = "champion"

    public init(model: String, owner: String, purpose: String, task: ModelTask) {
        self.model = model
        self.owner = owner
        self.purpose = purpose
        self.task = task
    }
}

/// What the model predicts.
public enum ModelTask: String, Sendable, Codable, CaseIterable {
    case binaryClassification = "binary-classification"
    case multiclassClassification = "multiclass-classification"
    case regression
}

/// The success criteria: every one must be met, with evidence, before a version may be approved.
public struct Criteria: Sendable, Hashable, Codable {
    public var metrics: [MetricCriterion] = []
    public var latency: LatencyCriterion?
    /// Requests a second that the version must sustain through Martlet's own data plane.
    public var throughputAtLeast: Double?
    public var availability: AvailabilityCriterion?
    public var cost: CostCriterion?
    public var kpis: [KPICriterion] = []
    /// Tags of the version (or of its run), or `description`, that must be present and not empty.
    public var documentation: [String] = []

    public init() {}
}

/// A threshold on one metric of one named evaluation.
public struct MetricCriterion: Sendable, Hashable, Codable {
    /// As logged with MLflow, for example `recall`.
    public var metric: String
    /// The named evaluation: the dataset name that the metric was logged with. Nil takes the run's plain metric.
    public var dataset: String?
    public var atLeast: Double?
    public var atMost: Double?
    /// Compare with the champion's value of the same metric on the same dataset; met at once where no champion is.
    public var againstChampion: ChampionComparison?

    public init(
        metric: String, dataset: String? = nil, atLeast: Double? = nil, atMost: Double? = nil,
        againstChampion: ChampionComparison? = nil
    ) {
        self.metric = metric
        self.dataset = dataset
        self.atLeast = atLeast
        self.atMost = atMost
        self.againstChampion = againstChampion
    }
}

/// How far a candidate's metric may lie from the champion's.
public struct ChampionComparison: Sendable, Hashable, Codable {
    /// Whether larger values are better.
    public var higherIsBetter: Bool
    /// How much worse, in the metric's own unit, is still accepted; negative demands an improvement.
    public var worseByAtMost: Double

    public init(higherIsBetter: Bool, worseByAtMost: Double) {
        self.higherIsBetter = higherIsBetter
        self.worseByAtMost = worseByAtMost
    }
}

/// Latency of one-row requests, measured by Martlet through its own data plane.
public struct LatencyCriterion: Sendable, Hashable, Codable {
    public var p99MillisecondsAtMost: Double
    public init(p99MillisecondsAtMost: Double) { self.p99MillisecondsAtMost = p99MillisecondsAtMost }
}

/// The share of requests answered without a server's error, over the live window.
public struct AvailabilityCriterion: Sendable, Hashable, Codable {
    /// 0…1.
    public var atLeast: Double
    public init(atLeast: Double) { self.atLeast = atLeast }
}

/// Cost of compute, from the processor time measured and a price.
public struct CostCriterion: Sendable, Hashable, Codable {
    /// In the policy's own currency.
    public var perThousandPredictionsAtMost: Double
    /// Price of one processor for one hour, same currency.
    public var perCPUHour: Double
    public init(perThousandPredictionsAtMost: Double, perCPUHour: Double) {
        self.perThousandPredictionsAtMost = perThousandPredictionsAtMost
        self.perCPUHour = perCPUHour
    }
}

/// A business figure, from the version's run (metric `kpi.<name>`) or from feedback in shadow and pilot.
public struct KPICriterion: Sendable, Hashable, Codable {
    public var name: String
    public var atLeast: Double?
    public var atMost: Double?
    public init(name: String, atLeast: Double? = nil, atMost: Double? = nil) {
        self.name = name
        self.atLeast = atLeast
        self.atMost = atMost
    }
}

/// Who must agree before a version may be rolled out. Never an author of run, version or policy.
public struct ApprovalRule: Sendable, Hashable, Codable {
    public var role: Role = .approver
    /// 1…10 different principals.
    public var count: Int = 1
    public init() {}
}

/// What must be true of a class or number before it leaves.
public struct OutputBound: Sendable, Hashable, Codable {
    /// The output tensor's name.
    public var output: String
    public var minimum: Double?
    public var maximum: Double?
    /// For classes: the values allowed, as text.
    public var allowed: [String]?
    /// How far a value may lie from the one before for the same business key. An answer that changes more is held back once.
    public var maxChange: Double?
    /// Whether NaN and infinities are held back. NaN always is where there is another bound on numbers. nil is false.
    public var finite: Bool?

    public init(
        output: String, minimum: Double? = nil, maximum: Double? = nil, allowed: [String]? = nil,
        maxChange: Double? = nil, finite: Bool? = nil
    ) {
        self.output = output
        self.minimum = minimum
        self.maximum = maximum
        self.allowed = allowed
        self.maxChange = maxChange
        self.finite = finite
    }
}

/// Whether inputs and outputs of predictions are kept.
public struct RecordRule: Sendable, Hashable, Codable {
    public enum Mode: String, Sendable, Codable, CaseIterable {
        case none, sampled
        /// Durable before the answer leaves.
        case all
    }
    public var mode: Mode = .sampled
    /// 0…1, for `sampled`.
    public var sampleRate: Double = 0.01
    public init() {}
}

/// Where alerts go.
public struct AlertRoutes: Sendable, Hashable, Codable {
    /// `http` or `https` URLs; each state change is posted as JSON.
    public var webhooks: [String] = []
    public init() {}
}
