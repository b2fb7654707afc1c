/// Scores of positive and negative rows in fixed bins of 0…1: ROC AUC from a stream, mergeable, with a stated error.
///
/// Rows in one bin count as tied, so the area misses the exact one by at most half the share of pairs that fall into one bin, which is
/// known and given. Memory: two counts a bin. O(1) a row.
public struct ScoreHistogram: Sendable, Hashable, Codable {
    public private(set) var positives: [Int]
    public private(set) var negatives: [Int]

    /// - Parameter bins: 2 or more; 1,000 unless told otherwise: an error under 0.0005 for spread-out scores.
    public init(bins: Int = 1_000) {
        precondition(bins >= 2, "at least two bins")
        positives = [Int](repeating: 0, count: bins)
        negatives = positives
    }

    /// Adds a row. A score beyond 0…1 counts in the outermost bin, NaN not at all.
    public mutating func insert(_ score: Double, isPositive: Bool) {
        guard !score.isNaN else { return }
        let bins = positives.count
        let index = Int(min(max(score, 0) * Double(bins), Double(bins - 1)))
        if isPositive { positives[index] += 1 } else { negatives[index] += 1 }
    }

    /// Adds what the other has seen; both have the same number of bins.
    public mutating func merge(_ other: ScoreHistogram) {
        precondition(positives.count == other.positives.count, "the same number of bins")
        for index in positives.indices {
            positives[index] += other.positives[index]
            negatives[index] += other.negatives[index]
        }
    }

    /// The area under the curve and the most by which it can miss that of the exact scores; nil where one of the classes has no row.
    public var area: (value: Double, errorMax: Double)? {
        var below = 0
        var wins = 0.0
        var ties = 0.0
        for (positive, negative) in zip(positives, negatives) {
            wins += Double(positive) * Double(below)
            ties += Double(positive) * Double(negative)
            below += negative
        }
        let pairs = Double(positives.reduce(0, +)) * Double(below)
        guard pairs > 0 else { return nil }
        return ((wins + ties / 2) / pairs, ties / 2 / pairs)
    }
}
