/// The full entry of a model version, as auditors ask for it: filled from what was logged, decided and observed. What is not known
/// is nil or empty here and named in `gaps`; nothing is made up.
public struct VersionEntry: Sendable, Hashable, Codable {
    /// A text, and where it was read.
    public struct Fact: Sendable, Hashable, Codable {
        public var value: String
        /// For example `run tag mlflow.source.git.commit` or `policy version 3`.
        public var source: String

        public init(_ value: String, source: String) {
            self.value = value
            self.source = source
        }
    }

    /// A commit of code.
    public struct Commit: Sendable, Hashable, Codable {
        public var commit: String
        public var repository: String?
        public var branch: String?
        public var source: String

        public init(commit: String, repository: String?, branch: String?, source: String) {
            self.commit = commit
            self.repository = repository
            self.branch = branch
            self.source = source
        }
    }

    /// A data set that the run used.
    public struct Data: Sendable, Hashable, Codable {
        public var name: String
        /// As logged.
        public var digest: String
        /// `training`, `validation` …; nil where none was logged.
        public var context: String?
        public var sourceType: String
        /// The version of a data set of Martlet's that it is; nil where it is none.
        public var version: DatasetVersionID?

        public init(name: String, digest: String, context: String?, sourceType: String, version: DatasetVersionID?) {
            self.name = name
            self.digest = digest
            self.context = context
            self.sourceType = sourceType
            self.version = version
        }
    }

    /// The metrics on one data set.
    public struct Evaluation: Sendable, Hashable, Codable {
        public struct Metric: Sendable, Hashable, Codable {
            public var name: String
            public var value: Double
            public var loggedAt: Timestamp

            public init(name: String, value: Double, loggedAt: Timestamp) {
                self.name = name
                self.value = value
                self.loggedAt = loggedAt
            }
        }
        /// nil for metrics that were logged without a data set.
        public var dataset: String?
        public var digest: String?
        public var metrics: [Metric]

        public init(dataset: String?, digest: String?, metrics: [Metric]) {
            self.dataset = dataset
            self.digest = digest
            self.metrics = metrics
        }
    }

    /// A stretch of time behind the endpoint.
    public struct Period: Sendable, Hashable, Codable {
        public enum Kind: String, Sendable, Codable {
            /// Under a rollout, in shadow or with a share of the traffic.
            case trial
            /// As the champion.
            case production
        }
        public var kind: Kind
        public var from: Timestamp
        /// nil while it lasts.
        public var to: Timestamp?
        public var rolloutID: Int64
        /// Why it ended, or how it stands, as a sentence; nil where nothing is to be said.
        public var detail: String?

        public init(kind: Kind, from: Timestamp, to: Timestamp?, rolloutID: Int64, detail: String?) {
            self.kind = kind
            self.from = from
            self.to = to
            self.rolloutID = rolloutID
            self.detail = detail
        }
    }

    public enum ProductionStatus: String, Sendable, Codable {
        case neverServed = "never_served"
        case onTrial = "on_trial"
        case inProduction = "in_production"
        /// It was the champion, and another version is now.
        case replaced
        /// A rollout tried it, and rolled it back.
        case rolledBack = "rolled_back"
    }

    /// What is not known, why, and what would fill it.
    public struct Gap: Sendable, Hashable, Codable {
        /// The entry's member, in snake case.
        public var field: String
        public var reason: String
        /// What to do so that the next version has it.
        public var remedy: String

        public init(field: String, reason: String, remedy: String) {
            self.field = field
            self.reason = reason
            self.remedy = remedy
        }
    }

    public var id: ModelVersionID
    public var registeredAt: Timestamp
    public var registeredBy: String
    public var aliases: [String]
    public var runID: String?
    /// When the run ended, or where it has not ended, when it began.
    public var trainedAt: Timestamp?
    public var owner: Fact?
    public var responsibleTeam: Fact?
    public var data: [Data] = []
    public var featureEngineering: Commit?
    public var training: Commit?
    public var hyperparameters: [String: String] = [:]
    public var evaluations: [Evaluation] = []
    public var status = ProductionStatus.neverServed
    /// Oldest first.
    public var production: [Period] = []
    /// The highest number below its own that is registered still.
    public var previousVersion: Int?
    /// The champion that it took the place of.
    public var replacedVersion: Int?
    public var knownLimitations: [Fact] = []
    public var notes: [Fact] = []
    /// Newest first.
    public var approvals: [Approval] = []
    /// The version's files that say in which environment it was made.
    public var environment: [VersionFile] = []
    /// In the order of the members.
    public var gaps: [Gap] = []

    public init(id: ModelVersionID, registeredAt: Timestamp, registeredBy: String, aliases: [String], runID: String?) {
        self.id = id
        self.registeredAt = registeredAt
        self.registeredBy = registeredBy
        self.aliases = aliases
        self.runID = runID
    }
}
