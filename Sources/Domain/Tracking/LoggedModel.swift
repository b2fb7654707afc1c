/// A model as logged by MLflow 3: made by a run, not yet registered.
public struct LoggedModel: Sendable, Hashable {
    public enum Status: String, Sendable, Hashable, CaseIterable {
        case pending = "LOGGED_MODEL_PENDING"
        case ready = "LOGGED_MODEL_READY"
        case uploadFailed = "LOGGED_MODEL_UPLOAD_FAILED"
    }

    /// `m-` and 32 hexadecimal digits.
    public var id: String
    public var experimentID: String
    public var name: String
    public var modelType: String
    public var sourceRunID: String
    public var status: Status
    public var artifactURI: String
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    public var tags: [String: String] = [:]
    public var params: [String: String] = [:]
    /// Every value that runs logged for this model.
    public var metrics: [RunMetric] = []

    public init(
        id: String, experimentID: String, name: String, modelType: String, sourceRunID: String, status: Status,
        artifactURI: String, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.experimentID = experimentID
        self.name = name
        self.modelType = modelType
        self.sourceRunID = sourceRunID
        self.status = status
        self.artifactURI = artifactURI
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
