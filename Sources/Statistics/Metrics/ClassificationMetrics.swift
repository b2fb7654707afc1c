/// The quality of predicted classes against true ones, from a confusion count: O(rows).
///
/// For two classes, precision, recall and F1 are those of the positive class; for more, the unweighted mean over all classes that
/// occur on either side (scikit-learn's `macro`). A ratio without a denominator is 0, as scikit-learn's `zero_division=0`.
public struct ClassificationMetrics: Sendable, Hashable {
    public var count: Int
    public var accuracy: Double
    public var precision: Double
    public var recall: Double
    public var f1: Double

    /// - Parameters:
    ///   - truths: the true classes.
    ///   - predictions: the predicted ones, same order and number.
    ///   - positive: the positive class of a binary task; nil takes the macro average.
    /// - Returns: nil without rows or where the numbers differ.
    public init?(truths: [String], predictions: [String], positive: String?) {
        guard truths.count == predictions.count, !truths.isEmpty else { return nil }
        var tallies: [String: Tally] = [:]
        var correct = 0
        for (truth, prediction) in zip(truths, predictions) {
            if truth == prediction {
                correct += 1
                tallies[truth, default: Tally()].hits += 1
            } else {
                tallies[truth, default: Tally()].misses += 1
                tallies[prediction, default: Tally()].falseAlarms += 1
            }
        }
        count = truths.count
        accuracy = Double(correct) / Double(truths.count)
        // In the order of their names: floating-point sums must not depend on a dictionary's order.
        let judged = positive.map { [tallies[$0] ?? Tally()] } ?? tallies.sorted { $0.key < $1.key }.map(\.value)
        precision = judged.reduce(0) { $0 + $1.precision } / Double(judged.count)
        recall = judged.reduce(0) { $0 + $1.recall } / Double(judged.count)
        f1 = judged.reduce(0) { $0 + $1.f1 } / Double(judged.count)
    }

    /// Outcomes of one class.
    private struct Tally {
        var hits = 0
        var misses = 0
        var falseAlarms = 0

        var precision: Double { Self.ratio(hits, hits + falseAlarms) }
        var recall: Double { Self.ratio(hits, hits + misses) }
        var f1: Double { Self.ratio(2 * hits, 2 * hits + misses + falseAlarms) }

        static func ratio(_ numerator: Int, _ denominator: Int) -> Double {
            denominator == 0 ? 0 : Double(numerator) / Double(denominator)
        }
    }
}
