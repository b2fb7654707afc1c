import Domain
import Statistics

/// Quality of predictions that were joined with their labels.
struct QualityMetrics {
    /// A prediction with what was learned of it.
    struct Row: Sendable {
        var outcome: PredictionOutcome
        var label: String
    }

    /// All metrics that are defined for the rows, by the names of the policy.
    ///
    /// - Parameters:
    ///   - task: nil is told from the labels: numbers that are not whole make it a regression.
    ///   - positive: the positive class of a binary task.
    static func compute(_ rows: [Row], task: ModelTask?, positive: String) -> [String: Double] {
        guard !rows.isEmpty else { return [:] }
        return (task ?? guess(rows)) == .regression
            ? regression(rows) : classification(rows, task: task, positive: positive)
    }

    private static func guess(_ rows: [Row]) -> ModelTask {
        let isNumber = rows.contains { row in Double(row.label).map { $0.rounded() != $0 } ?? false }
        return isNumber ? .regression : .binaryClassification
    }

    private static func regression(_ rows: [Row]) -> [String: Double] {
        let pairs = rows.compactMap { row in
            Double(row.label).flatMap { truth in Double(row.outcome.predicted).map { (truth, $0) } }
        }
        guard let metrics = RegressionMetrics(truths: pairs.map(\.0), predictions: pairs.map(\.1)) else { return [:] }
        var result = ["rmse": metrics.rmse, "mae": metrics.mae]
        result["r2"] = metrics.r2
        return result
    }

    private static func classification(_ rows: [Row], task: ModelTask?, positive: String) -> [String: Double] {
        let truths = rows.map { LabelText.canonical($0.label) }
        let predictions = rows.map { LabelText.canonical($0.outcome.predicted) }
        let positive = LabelText.canonical(positive)
        let classes = Set(truths).union(predictions)
        let isBinary =
            task == .binaryClassification || (task == nil && classes.count <= 2 && classes.contains(positive))
        guard
            let metrics = ClassificationMetrics(
                truths: truths, predictions: predictions, positive: isBinary ? positive : nil)
        else { return [:] }
        var result = [
            "accuracy": metrics.accuracy, "precision": metrics.precision, "recall": metrics.recall, "f1": metrics.f1,
        ]
        if isBinary {
            let scored = zip(truths, rows).compactMap { truth, row in row.outcome.score.map { (truth == positive, $0) }
            }
            result["roc_auc"] = ROC.area(isPositive: scored.map(\.0), scores: scored.map(\.1))
        }
        return result
    }
}
