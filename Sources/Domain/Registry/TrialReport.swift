/// What a child process found when it loaded and ran a model: printed as one line of JSON by `martlet guest try-model`.
public struct TrialReport: Sendable, Hashable, Codable {
    public var inputs: [TensorSpec]
    public var outputs: [TensorSpec]
    /// One request and its answer, as Open Inference Protocol JSON.
    public var goldenRequest: String
    public var goldenResponse: String
    /// Runtime build and processor that gave the answer.
    public var runtime: String
    /// What the model file's maker wrote into it.
    public var customMetadata: [String: String]

    public init(
        inputs: [TensorSpec], outputs: [TensorSpec], goldenRequest: String, goldenResponse: String, runtime: String,
        customMetadata: [String: String]
    ) {
        self.inputs = inputs
        self.outputs = outputs
        self.goldenRequest = goldenRequest
        self.goldenResponse = goldenResponse
        self.runtime = runtime
        self.customMetadata = customMetadata
    }
}
