/// The receiver operating characteristic.
public enum ROC {
    /// The area under the curve: the chance that a positive row scores above a negative one, ties counting half.
    ///
    /// By the ranks of Mann and Whitney (1947), mid-ranks for ties; O(n log n). Rows whose score is NaN are left out.
    ///
    /// - Returns: nil where one of the two classes has no row or the numbers differ.
    public static func area(isPositive: [Bool], scores: [Double]) -> Double? {
        guard isPositive.count == scores.count else { return nil }
        let order = scores.indices.filter { !scores[$0].isNaN }.sorted { scores[$0] < scores[$1] }
        var positives = 0.0
        var rankSum = 0.0
        var start = 0
        while start < order.count {
            var end = start
            var tied = 0.0
            while end < order.count, scores[order[end]] == scores[order[start]] {
                if isPositive[order[end]] { tied += 1 }
                end += 1
            }
            // Ranks count from 1; tied rows share the middle of theirs.
            rankSum += tied * Double(start + 1 + end) / 2
            positives += tied
            start = end
        }
        let negatives = Double(order.count) - positives
        guard positives > 0, negatives > 0 else { return nil }
        return (rankSum - positives * (positives + 1) / 2) / (positives * negatives)
    }
}
