/// The port through which a version that was not logged as ONNX is turned into ONNX.
public protocol ModelConverting: Sendable {
    /// Converts the scikit-learn flavour.
    ///
    /// - Parameters:
    ///   - files: the version's files: path within the version, path on this machine.
    ///   - referenceRows: CSV with a header, real rows to compare on; nil takes the version's input example.
    /// - Throws: `failedPrecondition` where others' code may not run, `invalidArgument` if it cannot be converted, saying why.
    func convertSklearn(files: [(path: String, localPath: String)], referenceRows: [UInt8]?) async throws
        -> ConvertedModel
}

/// An ONNX model made from another.
public struct ConvertedModel: Sendable {
    public var model: [UInt8]
    public var columns: [FeatureColumn]
    /// Labels of the score output's columns, as text; empty for regression.
    public var classes: [String]
    public var predictionOutput: String
    public var scoreOutput: String?
    /// nil where there were no real rows to compare on.
    public var parity: VersionPreparation.Parity?
    /// One real row as an Open Inference Protocol v2 request, JSON; nil where there was none.
    public var exampleRequest: String?
    public var opset: Int

    public init(
        model: [UInt8], columns: [FeatureColumn], classes: [String], predictionOutput: String, scoreOutput: String?,
        parity: VersionPreparation.Parity?, exampleRequest: String?, opset: Int
    ) {
        self.model = model
        self.columns = columns
        self.classes = classes
        self.predictionOutput = predictionOutput
        self.scoreOutput = scoreOutput
        self.parity = parity
        self.exampleRequest = exampleRequest
        self.opset = opset
    }
}
