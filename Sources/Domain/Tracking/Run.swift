/// One run as MLflow's clients see it.
public struct Run: Sendable, Hashable {
    public enum Status: String, Sendable, Hashable, CaseIterable {
        case running = "RUNNING"
        case scheduled = "SCHEDULED"
        case finished = "FINISHED"
        case failed = "FAILED"
        case killed = "KILLED"

        public var isFinal: Bool { self == .finished || self == .failed || self == .killed }
    }

    public var id: String
    public var experimentID: String
    public var name: String
    /// As the client sent it: data, never identity.
    public var userID: String
    public var status: Status
    public var startedAt: Timestamp?
    public var endedAt: Timestamp?
    public var artifactURI: String
    public var isDeleted: Bool
    /// The latest value of each metric.
    public var metrics: [MetricPoint] = []
    public var params: [String: String] = [:]
    public var tags: [String: String] = [:]
    public var datasets: [DatasetInput] = []
    public var modelInputs: [String] = []
    public var modelOutputs: [ModelOutput] = []

    public init(
        id: String, experimentID: String, name: String, userID: String, status: Status, startedAt: Timestamp?,
        endedAt: Timestamp?, artifactURI: String, isDeleted: Bool
    ) {
        self.id = id
        self.experimentID = experimentID
        self.name = name
        self.userID = userID
        self.status = status
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.artifactURI = artifactURI
        self.isDeleted = isDeleted
    }
}

/// One logged value of a metric.
public struct MetricPoint: Sendable, Hashable {
    public var key: String
    public var value: Double
    public var timestamp: Timestamp
    /// May be negative.
    public var step: Int64
    public var datasetName: String?
    public var datasetDigest: String?
    public var modelID: String?

    public init(
        key: String, value: Double, timestamp: Timestamp, step: Int64, datasetName: String? = nil,
        datasetDigest: String? = nil, modelID: String? = nil
    ) {
        self.key = key
        self.value = value
        self.timestamp = timestamp
        self.step = step
        self.datasetName = datasetName
        self.datasetDigest = datasetDigest
        self.modelID = modelID
    }
}

/// A data set that a run used, with the tags of that use.
public struct DatasetInput: Sendable, Hashable {
    public var name: String
    public var digest: String
    public var sourceType: String
    public var source: String
    public var schema: String?
    public var profile: String?
    public var tags: [String: String]

    public init(
        name: String, digest: String, sourceType: String, source: String, schema: String?, profile: String?,
        tags: [String: String]
    ) {
        self.name = name
        self.digest = digest
        self.sourceType = sourceType
        self.source = source
        self.schema = schema
        self.profile = profile
        self.tags = tags
    }
}

/// A logged model that a run made.
public struct ModelOutput: Sendable, Hashable {
    public var modelID: String
    public var step: Int64
    public init(modelID: String, step: Int64) {
        self.modelID = modelID
        self.step = step
    }
}
