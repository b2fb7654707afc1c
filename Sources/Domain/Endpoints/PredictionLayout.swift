/// Which output of a model is its prediction, and which its scores.
public struct PredictionLayout: Sendable, Hashable {
    /// The output with the predicted class or number of each row.
    public var predictionOutput: String
    /// The output with the scores; the same as `predictionOutput` where the class is the place of the largest score.
    public var scoreOutput: String?

    /// Told by names, types and shapes:
    /// - a label ([n] or [n, 1]: integers, strings or booleans) beside floats [n, c] is a classifier with scores;
    /// - one float output [n] or [n, 1] is a regression;
    /// - one float output [n, c] with c > 1 is a classifier whose class is the place of the largest score;
    /// - else the first output is the prediction.
    ///
    /// - Throws: `failedPrecondition` for a model without outputs.
    public init(outputs: [TensorSpec]) throws(MartletError) {
        guard let first = outputs.first else { throw MartletError.precondition("The model has no outputs.") }
        let floats = outputs.filter { Self.isFloat($0.datatype) }
        if let label = outputs.first(where: { !Self.isFloat($0.datatype) && Self.isColumn($0.shape) }) {
            predictionOutput = label.name
            scoreOutput = floats.first?.name
        } else if let scores = floats.first, !Self.isColumn(scores.shape) {
            predictionOutput = scores.name
            scoreOutput = scores.name
        } else {
            predictionOutput = floats.first?.name ?? first.name
            scoreOutput = nil
        }
    }

    private static func isFloat(_ datatype: Datatype) -> Bool {
        switch datatype {
        case .fp16, .bf16, .fp32, .fp64: true
        default: false
        }
    }

    /// [n], [n, 1], or a scalar.
    private static func isColumn(_ shape: [Int]) -> Bool {
        shape.dropFirst().allSatisfy { $0 == 1 }
    }
}
