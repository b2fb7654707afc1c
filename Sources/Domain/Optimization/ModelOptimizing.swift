/// The port through which a smaller or faster model is made of another, by others' tools.
public protocol ModelOptimizing: Sendable {
    /// - Throws: `failedPrecondition` where others' code may not run here.
    func requireAllowed() throws(MartletError)
    /// - Throws: `failedPrecondition` where others' code may not run, `invalidArgument` if it cannot be made, saying why.
    func optimize(_ task: OptimizationTask) async throws -> OptimizedModel
}

/// A model to be optimised, and what to measure it with.
public struct OptimizationTask: Sendable {
    public var optimization: Optimization
    /// The version as it was prepared; its path is on this machine.
    public var servable: ServableVersion
    public var inputs: [TensorSpec]
    /// An Open Inference Protocol request, JSON.
    public var goldenRequest: String
    /// CSV with a header; nil where the version has none.
    public var referenceRows: [UInt8]?
    /// Columns of the rows that hold what is known to be true, the first that is there.
    public var labelNames: [String]
    /// Columns of the rows that hold what some model said.
    public var predictionNames: [String]

    public init(
        optimization: Optimization, servable: ServableVersion, inputs: [TensorSpec], goldenRequest: String,
        referenceRows: [UInt8]?, labelNames: [String], predictionNames: [String]
    ) {
        self.optimization = optimization
        self.servable = servable
        self.inputs = inputs
        self.goldenRequest = goldenRequest
        self.referenceRows = referenceRows
        self.labelNames = labelNames
        self.predictionNames = predictionNames
    }
}

/// What came of it.
public struct OptimizedModel: Sendable {
    /// ONNX, in one file.
    public var model: [UInt8]
    public var record: OptimizationRecord
    /// Lines of a requirements.txt with which it can be loaded elsewhere.
    public var requirements: [String]

    public init(model: [UInt8], record: OptimizationRecord, requirements: [String]) {
        self.model = model
        self.record = record
        self.requirements = requirements
    }
}
