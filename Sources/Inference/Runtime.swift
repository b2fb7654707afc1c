public import Domain

/// What computes models: one for each kind of model file.
public protocol Runtime: Sendable {
    /// Name, version and build, and the processor: two equal texts give bit-for-bit equal answers.
    var identity: String { get }

    /// Reads a model file and makes it ready to run.
    ///
    /// - Throws: `failedPrecondition` if the file is no model that this runtime can serve, saying why.
    func load(path: String) throws(MartletError) -> any ExecutableModel
}

/// A model in memory. Any number of threads may run it at once.
public protocol ExecutableModel: Sendable {
    var metadata: ModelMetadata { get }
    /// As the runtime's, where models of one runtime differ in it; nil is the runtime's own.
    var runtimeIdentity: String? { get }
    /// Processor time that other processes than this one have spent on it so far.
    var otherProcessorSeconds: Double { get }
    /// Whether the work of a run follows from the shapes of its inputs alone, not from their values.
    var isWorkBoundByShapes: Bool { get }
    /// Whether a run can begin at once: not where the model must be read again first.
    var isAtHand: Bool { get }

    /// Computes the outputs of those places in `metadata.outputs`, in that order.
    ///
    /// - Parameters:
    ///   - inputs: one tensor for each of `metadata.inputs`, in that order, with its datatype.
    ///   - stop: ends the run early from another thread. A step of the model that is being computed is not cut short.
    /// - Throws: `invalidArgument` where the model refuses these inputs, `deadlineExceeded` where it was stopped, `unavailable` where
    ///   what computes it went away; else `internal`.
    func run(_ inputs: [Tensor], outputs: [Int], stop: RunStop) throws(MartletError) -> [Tensor]
}

extension ExecutableModel {
    public var isAtHand: Bool { true }
    public var runtimeIdentity: String? { nil }
    public var otherProcessorSeconds: Double { 0 }

    /// A run that nobody stops: for children that have limits of their own.
    public func run(_ inputs: [Tensor], outputs: [Int]) throws(MartletError) -> [Tensor] {
        try run(inputs, outputs: outputs, stop: .never)
    }
}

/// What a model says of itself.
public struct ModelMetadata: Sendable, Hashable {
    public var inputs: [TensorSpec]
    /// As declared: the shapes of real answers may differ.
    public var outputs: [TensorSpec]
    /// Free text by key, as its maker wrote it.
    public var custom: [String: String]

    public init(inputs: [TensorSpec], outputs: [TensorSpec], custom: [String: String]) {
        self.inputs = inputs
        self.outputs = outputs
        self.custom = custom
    }
}
