/// The standing questions put to live traffic.
public struct Monitors: Sendable, Hashable, Codable {
    /// Length of one window of traffic, in seconds; 1…86,400.
    public var windowSeconds: Double = 300
    /// Windows with fewer rows are merged with the next until they have this many.
    public var rowsAtLeast: Int = 200
    public var drift = DriftMonitor()
    public var quality: [QualityMonitor] = []
    /// Share of missing values of any feature, 0…1, above the reference's share.
    public var missingShareAboveReferenceAtMost: Double? = 0.05
    /// Share of values outside the reference's range or categories, 0…1.
    public var outOfRangeShareAtMost: Double? = 0.05
    /// A monitor must be broken for this many windows in a row before its alert fires; 1…100.
    public var windowsToFire: Int = 1

    public init() {}
}

/// When a feature or the prediction counts as drifted.
///
/// Both must hold: the effect is large enough to matter (PSI), and it is not chance (KS or chi-square at `significance`,
/// Bonferroni-corrected over features).
public struct DriftMonitor: Sendable, Hashable, Codable {
    public var isEnabled: Bool = true
    public var psiAtLeast: Double = 0.2
    /// Family-wise error rate of one window, 0…1.
    public var significance: Double = 0.01
    /// Features not watched.
    public var ignore: [String] = []
    /// Whether the prediction's distribution is watched as well.
    public var prediction: Bool = true

    public init() {}
}

/// A threshold on a metric computed from feedback.
public struct QualityMonitor: Sendable, Hashable, Codable {
    /// accuracy, precision, recall, f1, roc_auc, rmse, mae or r2.
    public var metric: String
    public var atLeast: Double?
    public var atMost: Double?
    /// The newest labelled rows that count.
    public var labelsAtLeast: Int
    public init(metric: String, atLeast: Double? = nil, atMost: Double? = nil, labelsAtLeast: Int = 100) {
        self.metric = metric
        self.atLeast = atLeast
        self.atMost = atMost
        self.labelsAtLeast = labelsAtLeast
    }
}

/// How a model is trained anew.
public struct RetrainingRule: Sendable, Hashable, Codable {
    /// The program and its arguments; run as a confined child.
    public var command: [String]
    /// Start when a drift or quality alert of the model fires.
    public var onAlert: Bool = true
    /// Five-field cron expression in UTC; nil is no schedule.
    public var schedule: String?
    public var timeoutSeconds: Double = 3600
    public var memoryBytesMax: Int = 4 << 30
    /// No second start within this time.
    public var cooldownSeconds: Double = 600

    public init(command: [String]) { self.command = command }
}
