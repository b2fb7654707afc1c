/// What the other rooms ask of the registry and of tracking. MLflow's own calls have stores of their own.
public protocol RegistryReading: Sendable {
    /// - Throws: `notFound` if there is no such version.
    func versionRecord(_ id: ModelVersionID) async throws -> VersionRecord
    /// The version that an alias names; nil if the alias is not set.
    func version(model: String, alias: String) async throws -> Int?
    /// All versions of one model, newest first; empty if there is no such model.
    func versionRecords(model: String) async throws -> [VersionRecord]
    /// - Throws: `notFound` if there is no such run.
    func runRecord(_ runID: String) async throws -> RunRecord
    /// Names of all registered models, ascending.
    func modelNames() async throws -> [String]
}

/// The one governed way to move a champion alias.
public protocol ChampionMoving: Sendable {
    /// Sets `alias` to `version` and appends the audit event, in one transaction.
    func moveChampion(model: String, alias: String, to version: Int, by actor: Principal) async throws
}

/// A model version with everything that was logged about it.
public struct VersionRecord: Sendable, Hashable, Codable {
    public var id: ModelVersionID
    public var createdAt: Timestamp
    /// The authenticated author; never a client-supplied user field.
    public var createdBy: Principal.ID
    public var createdByName: String
    /// All whose work is in it, as the server authenticated them: who registered it, made its run, made its logged model, or
    /// stored one of its files. None of them may be the second pair of eyes.
    public var authors: Set<Principal.ID>
    public var runID: String?
    public var loggedModelID: String?
    public var source: String
    public var description: String?
    public var tags: [String: String]
    public var aliases: [String]
    /// Every file of the version with its digest.
    public var files: [VersionFile]

    public init(
        id: ModelVersionID, createdAt: Timestamp, createdBy: Principal.ID, createdByName: String, runID: String?,
        loggedModelID: String?, source: String, description: String?, tags: [String: String], aliases: [String],
        files: [VersionFile], otherAuthors: Set<Principal.ID> = []
    ) {
        self.id = id
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.createdByName = createdByName
        self.authors = otherAuthors.union([createdBy])
        self.runID = runID
        self.loggedModelID = loggedModelID
        self.source = source
        self.description = description
        self.tags = tags
        self.aliases = aliases
        self.files = files
    }
}

/// One file of a version, by content.
public struct VersionFile: Sendable, Hashable, Codable {
    /// Relative to the version's artifact folder, with `/`.
    public var path: String
    /// SHA-256, lower-case hex.
    public var digest: String
    public var bytes: Int64

    public init(path: String, digest: String, bytes: Int64) {
        self.path = path
        self.digest = digest
        self.bytes = bytes
    }
}

/// A run with what was logged to it.
public struct RunRecord: Sendable, Hashable, Codable {
    /// The latest value of one metric on one dataset.
    public struct Metric: Sendable, Hashable, Codable {
        public var key: String
        public var value: Double
        /// As the client sent it: data, not proof.
        public var timestamp: Timestamp
        /// When the server stored it.
        public var loggedAt: Timestamp
        public var datasetName: String?
        public var datasetDigest: String?
        public var modelID: String?

        public init(
            key: String, value: Double, timestamp: Timestamp, loggedAt: Timestamp, datasetName: String?,
            datasetDigest: String?, modelID: String?
        ) {
            self.key = key
            self.value = value
            self.timestamp = timestamp
            self.loggedAt = loggedAt
            self.datasetName = datasetName
            self.datasetDigest = datasetDigest
            self.modelID = modelID
        }
    }

    /// A data set that the run used.
    public struct Dataset: Sendable, Hashable, Codable {
        public var name: String
        public var digest: String
        public var sourceType: String
        public var source: String
        /// `training`, `validation` … from the tag `mlflow.data.context`.
        public var context: String?

        public init(name: String, digest: String, sourceType: String, source: String, context: String?) {
            self.name = name
            self.digest = digest
            self.sourceType = sourceType
            self.source = source
            self.context = context
        }
    }

    public var id: String
    public var experimentID: String
    public var name: String
    public var status: String
    public var createdBy: Principal.ID
    public var createdByName: String
    public var startedAt: Timestamp
    public var endedAt: Timestamp?
    public var params: [String: String]
    public var tags: [String: String]
    public var metrics: [Metric]
    public var datasets: [Dataset]

    public init(
        id: String, experimentID: String, name: String, status: String, createdBy: Principal.ID, createdByName: String,
        startedAt: Timestamp, endedAt: Timestamp?, params: [String: String], tags: [String: String],
        metrics: [Metric], datasets: [Dataset]
    ) {
        self.id = id
        self.experimentID = experimentID
        self.name = name
        self.status = status
        self.createdBy = createdBy
        self.createdByName = createdByName
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.params = params
        self.tags = tags
        self.metrics = metrics
        self.datasets = datasets
    }

    /// The commit of the code that made it, if the client logged one.
    public var codeCommit: String? { tags["mlflow.source.git.commit"] }
}
