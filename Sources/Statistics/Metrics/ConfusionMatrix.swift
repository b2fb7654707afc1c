/// Counts of true against predicted classes: the mergeable state behind all metrics of classes.
public struct ConfusionMatrix: Sendable, Hashable, Codable {
    /// How metrics of single classes become one; scikit-learn's `average`.
    public enum Average: Sendable, Hashable {
        /// Those of one class.
        case binary(positive: String)
        /// From the outcomes of all classes added up; equals accuracy where every row has one class.
        case micro
        /// The plain mean over all classes that occur on either side.
        case macro
        /// The mean weighted by how often a class is true.
        case weighted
    }

    /// Count by true class, then predicted class.
    public private(set) var counts: [String: [String: Int]] = [:]
    public private(set) var total = 0

    public init() {}

    /// - Returns: nil where the numbers differ.
    public init?(truths: [String], predictions: [String]) {
        guard truths.count == predictions.count else { return nil }
        for (truth, prediction) in zip(truths, predictions) { insert(truth: truth, prediction: prediction) }
    }

    public mutating func insert(truth: String, prediction: String, times: Int = 1) {
        counts[truth, default: [:]][prediction, default: 0] += times
        total += times
    }

    public mutating func merge(_ other: ConfusionMatrix) {
        for (truth, row) in other.counts {
            for (prediction, times) in row { insert(truth: truth, prediction: prediction, times: times) }
        }
    }

    /// The classes on either side, in the order of their names.
    public var classes: [String] {
        var names = Set(counts.keys)
        for row in counts.values { names.formUnion(row.keys) }
        return names.sorted()
    }

    /// Outcomes with `positive` against all other classes.
    public func outcomes(positive: String) -> BinaryOutcomes {
        let hits = counts[positive]?[positive] ?? 0
        let misses = (counts[positive]?.values.reduce(0, +) ?? 0) - hits
        let predicted = counts.values.reduce(0) { $0 + ($1[positive] ?? 0) }
        return BinaryOutcomes(
            truePositives: hits, falsePositives: predicted - hits,
            trueNegatives: total - hits - misses - predicted + hits,
            falseNegatives: misses)
    }

    /// Share of right predictions; nil while empty.
    public var accuracy: Double? {
        total > 0 ? Double(counts.reduce(0) { $0 + ($1.value[$1.key] ?? 0) }) / Double(total) : nil
    }

    /// Precision, recall and F1. A ratio without a denominator is 0, as scikit-learn's `zero_division=0`.
    public func scores(_ average: Average) -> (precision: Double, recall: Double, f1: Double) {
        let perClass: [(weight: Double, outcomes: BinaryOutcomes)]
        switch average {
        case .binary(let positive): perClass = [(1, outcomes(positive: positive))]
        case .micro:
            let hits = counts.reduce(0) { $0 + ($1.value[$1.key] ?? 0) }
            let wrong = total - hits
            perClass = [
                (
                    1,
                    BinaryOutcomes(
                        truePositives: hits, falsePositives: wrong, trueNegatives: 0, falseNegatives: wrong)
                )
            ]
        case .macro: perClass = classes.map { (1, outcomes(positive: $0)) }
        case .weighted:
            perClass = classes.map { name in
                let outcomes = outcomes(positive: name)
                return (Double(outcomes.truePositives + outcomes.falseNegatives), outcomes)
            }
        }
        let weight = perClass.reduce(0) { $0 + $1.weight }
        guard weight > 0 else { return (0, 0, 0) }
        func mean(_ value: (BinaryOutcomes) -> Double?) -> Double {
            perClass.reduce(0) { $0 + $1.weight * (value($1.outcomes) ?? 0) } / weight
        }
        return (mean(\.precision), mean(\.recall), mean(\.f1))
    }

    /// Matthews' correlation coefficient, for any number of classes (Gorodkin 2004): -1…1, 0 where one side is constant;
    /// `sklearn.metrics.matthews_corrcoef`.
    public var matthewsCorrelation: Double {
        let hits = Double(counts.reduce(0) { $0 + ($1.value[$1.key] ?? 0) })
        let n = Double(total)
        var cross = 0.0
        var truthSquares = 0.0
        var predictionSquares = 0.0
        for name in classes {
            let truth = Double(counts[name]?.values.reduce(0, +) ?? 0)
            let prediction = Double(counts.values.reduce(0) { $0 + ($1[name] ?? 0) })
            cross += truth * prediction
            truthSquares += truth * truth
            predictionSquares += prediction * prediction
        }
        let scale = (n * n - truthSquares) * (n * n - predictionSquares)
        return scale > 0 ? (hits * n - cross) / scale.squareRoot() : 0
    }
}
