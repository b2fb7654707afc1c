/// The curve of precision over recall.
public enum PrecisionRecall {
    /// Average precision Σ (Rₙ - Rₙ₋₁) Pₙ over the distinct scores from the top, without interpolation;
    /// `sklearn.metrics.average_precision_score`. O(n). Rows whose score is NaN are left out.
    ///
    /// - Returns: nil without a positive row or where the numbers differ.
    public static func averagePrecision(isPositive: [Bool], scores: [Double]) -> Double? {
        guard let (positives, negatives) = ROC.split(isPositive, scores), !positives.isEmpty else { return nil }
        let n = Double(positives.count)
        // From the top down without a copy: what lies at or above a value is all less what lies below it.
        var below = 0
        var belowNegative = 0
        var sum = 0.0
        SortedSample.forEachValue(positives, negatives) { _, a, b in
            let hits = Double(positives.count - below)
            let wrong = Double(negatives.count - belowNegative)
            sum += Double(a) / n * (hits / (hits + wrong))
            below += a
            belowNegative += b
        }
        return sum
    }
}
