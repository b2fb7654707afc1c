/// All that the data plane needs to load one model version, without the database.
public struct ServableVersion: Sendable, Hashable, Codable {
    public var id: ModelVersionID
    /// nil is ONNX Runtime.
    public var runtime: ServingRuntime?
    /// Path on this machine of what the runtime loads: the ONNX file, or the document that names a Python model's files.
    public var path: String
    /// SHA-256 of that file, lower-case hex; checked at load.
    public var digest: String
    /// The model's columns, in the order in which a matrix input holds them; empty where unknown.
    public var columns: [FeatureColumn]
    /// The output that holds the predicted class or number of each row.
    public var predictionOutput: String
    /// For classifiers: the output [n, classes] or [n] that holds the scores; nil where there is none.
    public var scoreOutput: String?
    /// Labels of the score output's columns, as text; empty where unknown (then the last column is the positive class).
    public var classes: [String]

    public init(
        id: ModelVersionID, path: String, digest: String, columns: [FeatureColumn], predictionOutput: String,
        scoreOutput: String? = nil, classes: [String] = [], runtime: ServingRuntime? = nil
    ) {
        self.id = id
        self.runtime = runtime
        self.path = path
        self.digest = digest
        self.columns = columns
        self.predictionOutput = predictionOutput
        self.scoreOutput = scoreOutput
        self.classes = classes
    }
}

/// One named feature and where its values sit in a request's tensors.
public struct FeatureColumn: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Codable { case numeric, categorical }
    public var name: String
    /// The input tensor that holds it.
    public var input: String
    /// Its place along the second dimension of that tensor; 0 for [n, 1] and [n].
    public var index: Int
    public var kind: Kind

    public init(name: String, input: String, index: Int, kind: Kind) {
        self.name = name
        self.input = input
        self.index = index
        self.kind = kind
    }
}

/// What the data plane routes by: replaced as a whole, and kept on local disk.
public struct EndpointSnapshot: Sendable, Hashable, Codable {
    /// Grows with every change.
    public var generation: Int64
    public var endpoints: [Endpoint]
    /// Every version that an endpoint names, and those served by an explicit version path only.
    public var versions: [ServableVersion]

    public init(generation: Int64, endpoints: [Endpoint], versions: [ServableVersion]) {
        self.generation = generation
        self.endpoints = endpoints
        self.versions = versions
    }

    public static let empty = EndpointSnapshot(generation: 0, endpoints: [], versions: [])
}
