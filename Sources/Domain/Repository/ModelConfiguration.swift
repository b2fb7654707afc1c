/// What a model repository says of one model: the part of Triton's `config.pbtxt` that is served by.
public struct ModelConfiguration: Sendable, Hashable {
    /// An input or output as callers see it.
    public struct Tensor: Sendable, Hashable {
        public var name: String
        /// nil is as the model declares it.
        public var datatype: Datatype?
        /// Without the batch, where there is one; -1 is any size; nil is as the model declares it.
        public var dims: [Int]?
        /// The model's own shape where it differs from `dims`, without the batch, too.
        public var reshape: [Int]?

        public init(name: String, datatype: Datatype? = nil, dims: [Int]? = nil, reshape: [Int]? = nil) {
            self.name = name
            self.datatype = datatype
            self.dims = dims
            self.reshape = reshape
        }
    }

    public static let defaultFileName = "model.onnx"

    /// nil is the name of the model's folder.
    public var name: String?
    /// Of the model's file in the folder of a version.
    public var fileName = defaultFileName
    /// Triton's `max_batch_size`: where it is above 0, the first dimension of every tensor is the batch, and `dims` leave it out.
    public var maxBatchSize = 0
    /// Those that are said more of than the model itself says; empty is none.
    public var inputs: [Tensor] = []
    /// Where there are any, they alone are answered.
    public var outputs: [Tensor] = []
    public var versionPolicy = VersionPolicy.latest(1)
    /// Runs of the model at a time; nil is as the server has it.
    public var instances: Int?
    public var batching: BatchingRule?
    /// Whether equal inputs are answered with the outputs of before.
    public var isCached = false
    /// What it says and nobody does, a sentence each, for the log.
    public var notes: [String] = []

    public init() {}

    public var rule: ServingRule {
        ServingRule(
            maxRows: maxBatchSize > 0 ? maxBatchSize : nil, instances: instances, batching: batching,
            isCached: isCached)
    }
}
