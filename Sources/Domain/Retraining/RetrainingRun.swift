/// One run of a policy's retraining command.
public struct RetrainingRun: Sendable, Hashable, Codable {
    public enum Trigger: String, Sendable, Codable { case alert, schedule, manual }
    public enum State: String, Sendable, Codable { case running, succeeded, failed, interrupted }
    public var id: Int64
    public var model: String
    public var trigger: Trigger
    /// The alert's sentence, the cron time or the person's reason.
    public var reason: String
    public var state: State
    public var startedBy: String
    public var startedAt: Timestamp
    public var endedAt: Timestamp?
    /// nil while it runs or if a signal or limit ended it.
    public var exitCode: Int?
    /// The last 64 KiB of its output, secrets left out.
    public var logTail: String
    /// Versions of the model that it registered.
    public var versions: [Int]
    /// SHA-256 of the data set that it was handed, lower-case hex; nil where it came to none.
    public var datasetDigest: String?
    /// Labelled rows of that data set.
    public var datasetRows: Int?

    public init(
        id: Int64, model: String, trigger: Trigger, reason: String, state: State, startedBy: String,
        startedAt: Timestamp, endedAt: Timestamp? = nil, exitCode: Int? = nil, logTail: String = "",
        versions: [Int] = [], datasetDigest: String? = nil, datasetRows: Int? = nil
    ) {
        self.id = id
        self.model = model
        self.trigger = trigger
        self.reason = reason
        self.state = state
        self.startedBy = startedBy
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.exitCode = exitCode
        self.logTail = logTail
        self.versions = versions
        self.datasetDigest = datasetDigest
        self.datasetRows = datasetRows
    }
}
