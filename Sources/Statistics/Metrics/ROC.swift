/// The receiver operating characteristic.
public enum ROC {
    /// The area under the curve: the chance that a positive row scores above a negative one, ties counting half.
    ///
    /// By the ranks of Mann and Whitney (1947), mid-ranks for ties; O(n). Rows whose score is NaN are left out.
    ///
    /// - Returns: nil where one of the two classes has no row or the numbers differ.
    public static func area(isPositive: [Bool], scores: [Double]) -> Double? {
        guard let (positives, negatives) = split(isPositive, scores) else { return nil }
        return area(positives: positives, negatives: negatives)
    }

    /// For scores that are sorted already.
    public static func area(positives: SortedSample, negatives: SortedSample) -> Double? {
        MannWhitney.superiority(positives, negatives)
    }

    /// The area with DeLong's variance (DeLong, DeLong and Clarke-Pearson 1988; in O(n log n) after Sun and Xu 2014) and its interval on
    /// the logit scale, which stays within 0…1 (Pepe 2003).
    public struct Estimate: Sendable, Hashable {
        public let area: Double
        /// Of the area.
        public let standardError: Double

        /// Rows of the smaller class.
        public let smallerClass: Int

        /// An area of exactly 0 or 1 has no variance. Its limit is that of k disjoint pairs, k the smaller class, all of which agree: Aᵏ = α.
        public func interval(confidence: Double = 0.95) -> Interval {
            let tail = (1 - confidence) / 2
            guard area > 0, area < 1 else {
                let reach = 1 - Elementary.power(2 * tail, 1 / Double(smallerClass))
                return area == 1 ? Interval(lower: 1 - reach, upper: 1) : Interval(lower: 0, upper: reach)
            }
            let logit = Elementary.log(area / (1 - area))
            let half = NormalDistribution.inverseSurvival(tail) * standardError / (area * (1 - area))
            return Interval(
                lower: 1 / (1 + Elementary.exp(-(logit - half))), upper: 1 / (1 + Elementary.exp(-(logit + half))))
        }
    }

    /// - Returns: nil where one of the two classes has fewer than two rows or the numbers differ.
    public static func estimate(isPositive: [Bool], scores: [Double]) -> Estimate? {
        guard let (positives, negatives) = split(isPositive, scores), positives.count > 1, negatives.count > 1 else {
            return nil
        }
        let n = Double(positives.count)
        let m = Double(negatives.count)
        var placedPositives = Weighted()
        var placedNegatives = Weighted()
        var above = n
        var below = 0.0
        SortedSample.forEachValue(positives, negatives) { _, a, b in
            let (a, b) = (Double(a), Double(b))
            above -= a
            // The share of the other class that each of these rows wins against.
            placedPositives.insert((below + b / 2) / m, weight: a)
            placedNegatives.insert((above + a / 2) / n, weight: b)
            below += b
        }
        let variance = placedPositives.variance / n + placedNegatives.variance / m
        return Estimate(
            area: placedPositives.mean, standardError: variance.squareRoot(),
            smallerClass: min(positives.count, negatives.count))
    }

    static func split(_ isPositive: [Bool], _ scores: [Double]) -> (SortedSample, SortedSample)? {
        guard isPositive.count == scores.count else { return nil }
        var positives: [Double] = []
        var negatives: [Double] = []
        for (isPositive, score) in zip(isPositive, scores) {
            if isPositive { positives.append(score) } else { negatives.append(score) }
        }
        return (SortedSample(positives), SortedSample(negatives))
    }

    private struct Weighted {
        var weight = 0.0
        var mean = 0.0
        var squares = 0.0

        var variance: Double { squares / (weight - 1) }

        mutating func insert(_ value: Double, weight added: Double) {
            guard added > 0 else { return }
            weight += added
            let gap = value - mean
            mean += gap * added / weight
            squares += added * gap * (value - mean)
        }
    }
}
