/// A named model with its versions.
public struct RegisteredModel: Sendable, Hashable {
    public var name: String
    public var description: String?
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    public var tags: [String: String] = [:]
    /// Alias to version number.
    public var aliases: [String: Int] = [:]
    /// The newest version of each stage.
    public var latestVersions: [ModelVersion] = []

    public init(name: String, description: String?, createdAt: Timestamp, updatedAt: Timestamp) {
        self.name = name
        self.description = description
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// One immutable version of a registered model; only its description, tags, aliases and stage change.
public struct ModelVersion: Sendable, Hashable {
    /// Deprecated in MLflow, still called.
    public enum Stage: String, Sendable, Hashable, CaseIterable {
        case none = "None"
        case staging = "Staging"
        case production = "Production"
        case archived = "Archived"
    }

    public var id: ModelVersionID
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    public var stage: Stage
    public var description: String?
    public var source: String
    public var runID: String?
    public var runLink: String?
    public var loggedModelID: String?
    /// Artifact path under which the version's files were found, for example `0/<run>/artifacts/model`.
    public var artifactRoot: String
    public var createdBy: Principal.ID
    public var createdByName: String
    /// What its reader must know of its source, for example that the files are kept elsewhere; usually empty.
    public var statusMessage = ""
    public var tags: [String: String] = [:]
    public var aliases: [String] = []

    public init(
        id: ModelVersionID, createdAt: Timestamp, updatedAt: Timestamp, stage: Stage, description: String?,
        source: String, runID: String?, runLink: String?, loggedModelID: String?, artifactRoot: String,
        createdBy: Principal.ID, createdByName: String
    ) {
        self.id = id
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.stage = stage
        self.description = description
        self.source = source
        self.runID = runID
        self.runLink = runLink
        self.loggedModelID = loggedModelID
        self.artifactRoot = artifactRoot
        self.createdBy = createdBy
        self.createdByName = createdByName
    }
}

/// Told after a version is durable, so that its preparation can begin.
public protocol VersionCreatedListener: Sendable {
    func versionCreated(_ id: ModelVersionID)
}

/// Tells which alias of a model only the rollout controller may move.
public protocol ChampionAliasGuard: Sendable {
    /// nil where no policy governs the model.
    func championAlias(model: String) async throws -> String?
}
