/// The quality of predicted classes against true ones, from a confusion matrix: O(rows).
///
/// A ratio without a denominator is 0, as scikit-learn's `zero_division=0`.
public struct ClassificationMetrics: Sendable, Hashable {
    public var count: Int
    public var accuracy: Double
    public var precision: Double
    public var recall: Double
    public var f1: Double
    /// Matthews' correlation coefficient over all classes, -1…1.
    public var matthewsCorrelation: Double

    /// - Parameters:
    ///   - truths: the true classes.
    ///   - predictions: the predicted ones, same order and number.
    ///   - positive: the positive class of a binary task; nil takes the macro average: the unweighted mean over all classes that
    ///     occur on either side.
    /// - Returns: nil without rows or where the numbers differ.
    public init?(truths: [String], predictions: [String], positive: String?) {
        self.init(
            truths: truths, predictions: predictions, average: positive.map { .binary(positive: $0) } ?? .macro)
    }

    /// - Returns: nil without rows or where the numbers differ.
    public init?(truths: [String], predictions: [String], average: ConfusionMatrix.Average) {
        guard let matrix = ConfusionMatrix(truths: truths, predictions: predictions) else { return nil }
        self.init(matrix, average: average)
    }

    /// - Returns: nil without rows.
    public init?(_ matrix: ConfusionMatrix, average: ConfusionMatrix.Average) {
        guard let accuracy = matrix.accuracy else { return nil }
        count = matrix.total
        self.accuracy = accuracy
        (precision, recall, f1) = matrix.scores(average)
        matthewsCorrelation = matrix.matthewsCorrelation
    }
}
