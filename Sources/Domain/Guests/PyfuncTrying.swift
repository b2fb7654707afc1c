/// The port through which an MLflow model is started for the first time in a Python worker.
public protocol PyfuncTrying: Sendable {
    /// Starts the model and has it answer one row.
    ///
    /// - Parameter files: the model folder's files, `MLmodel` among them, and where each lies on this machine.
    /// - Throws: `failedPrecondition` if it cannot be started or cannot answer, saying why.
    func tryPyfunc(_ files: [(file: VersionFile, localPath: String)]) async throws -> PyfuncTrial
}

/// What a first start in a Python worker has shown.
public struct PyfuncTrial: Sendable, Hashable {
    /// What the runtime loads the model by later, as a file: names and digests of the model's files, its inputs and outputs.
    public var document: [UInt8]
    public var inputs: [TensorSpec]
    public var outputs: [TensorSpec]
    /// One row and its answer, as Open Inference Protocol JSON; nil where JSON cannot carry them.
    public var goldenRequest: String?
    public var goldenResponse: String?
    /// Versions of Python and MLflow, and the processor.
    public var runtime: String

    public init(
        document: [UInt8], inputs: [TensorSpec], outputs: [TensorSpec], goldenRequest: String?,
        goldenResponse: String?, runtime: String
    ) {
        self.document = document
        self.inputs = inputs
        self.outputs = outputs
        self.goldenRequest = goldenRequest
        self.goldenResponse = goldenResponse
        self.runtime = runtime
    }
}
