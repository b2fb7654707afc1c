import Domain
import Statistics

/// PSI between two versions' predictions over the same stretch of traffic.
enum PredictionComparison {
    /// Below it on either side nothing is said.
    static let rowsMin = 30
    /// Chance alone gives less than this (mean and three deviations) before a small PSI is reported as such.
    static let noiseMax = 0.06
    /// A difference this unlikely by chance is reported however few the rows. A rollout looks many times: hence so small.
    static let significance = 1e-5
    /// Numbers with more distinct bins are grouped by the champion's shares.
    static let groups = 10

    /// - Returns: nil while the rows do not suffice to tell a change from chance: neither is the index precise, nor the
    ///   difference significant.
    static func psi(candidate: [String: Int], champion: [String: Int]) -> Double? {
        let (reference, current) = counts(champion: champion, candidate: candidate)
        let n = reference.reduce(0, +)
        let m = current.reduce(0, +)
        guard n >= rowsMin, m >= rowsMin,
            let psi = PopulationStability.index(reference: reference, current: current),
            let chi = ChiSquare.test(reference, current, poolingExpectedBelow: DriftTest.pooledBelow)
        else { return nil }
        let degrees = Double(max(1, reference.count - 1))
        // Without a change PSI × nm / (n + m) is about chi-square (Yurdakul and Naranjo 2020).
        let noise = (degrees + 3 * (2 * degrees).squareRoot()) * (1 / Double(n) + 1 / Double(m))
        return noise <= noiseMax || chi.pValue < significance ? psi : nil
    }

    private static func counts(champion: [String: Int], candidate: [String: Int]) -> ([Int], [Int]) {
        let keys = Set(champion.keys).union(candidate.keys)
        let sorted = keys.sorted { first, second in
            switch (PredictionKey.order(of: first), PredictionKey.order(of: second)) {
            case (let a?, let b?): a < b
            case (nil, _?): false
            case (_?, nil): true
            case (nil, nil): first < second
            }
        }
        let reference = sorted.map { champion[$0] ?? 0 }
        let current = sorted.map { candidate[$0] ?? 0 }
        guard keys.count > ColumnSurvey.distinctNumbersMax else { return (reference, current) }
        let grouping = BinGrouping(equalShares: reference, target: groups)
        return (grouping.coarse(reference), grouping.coarse(current))
    }
}
