/// Intervals for any statistic of independent rows, by drawing rows with replacement (Efron 1979).
public enum Bootstrap {
    /// How the interval follows from the replicates.
    public enum Method: Sendable, Hashable {
        /// Their quantiles.
        case percentile
        /// Bias-corrected and accelerated (Efron 1987), the default of `scipy.stats.bootstrap`: costs `count` statistics more.
        case accelerated
    }

    /// - Parameters:
    ///   - count: rows, 2 or more.
    ///   - replicates: draws; 2,000 place a 95 % limit within about a twentieth of its distance.
    ///   - seed: equal seeds give equal intervals.
    ///   - statistic: of the rows with these indices; a replicate for which it is nil or NaN is left out.
    /// - Returns: nil with fewer than two rows or no finite replicate.
    public static func interval(
        count: Int, confidence: Double = 0.95, replicates: Int = 2_000, method: Method = .accelerated,
        seed: UInt64 = 1, statistic: ([Int]) -> Double?
    ) -> Interval? {
        guard count > 1, replicates > 1 else { return nil }
        var random = SplitMix64(seed: seed)
        var indices = [Int](repeating: 0, count: count)
        var values: [Double] = []
        for _ in 0..<replicates {
            for index in indices.indices { indices[index] = Int.random(in: 0..<count, using: &random) }
            if let value = statistic(indices), value.isFinite { values.append(value) }
        }
        let sample = SortedSample(values)
        guard !sample.isEmpty else { return nil }
        let tail = (1 - confidence) / 2
        var shares = (tail, 1 - tail)
        if method == .accelerated, let corrected = correctedShares(sample, count, tail, statistic) {
            shares = corrected
        }
        return Interval(lower: sample.quantile(shares.0), upper: sample.quantile(shares.1))
    }

    private static func correctedShares(
        _ sample: SortedSample, _ count: Int, _ tail: Double, _ statistic: ([Int]) -> Double?
    ) -> (Double, Double)? {
        guard let observed = statistic(Array(0..<count)) else { return nil }
        let below = sample.values.reduce(0.0) { $0 + ($1 < observed ? 1 : $1 == observed ? 0.5 : 0) }
        let bias = NormalDistribution.quantile(below / Double(sample.count))
        guard bias.isFinite else { return nil }
        // Leaving out one row at a time shows how skewed the statistic is.
        let left = (0..<count).compactMap { omitted in statistic((0..<count).filter { $0 != omitted }) }
        let mean = left.reduce(0, +) / Double(left.count)
        let squares = left.reduce(0) { $0 + (mean - $1) * (mean - $1) }
        let cubes = left.reduce(0) { $0 + (mean - $1) * (mean - $1) * (mean - $1) }
        guard squares > 0 else { return nil }
        let acceleration = cubes / (6 * squares * squares.squareRoot())
        func share(_ z: Double) -> Double {
            NormalDistribution.cdf(bias + (bias + z) / (1 - acceleration * (bias + z)))
        }
        let z = NormalDistribution.inverseSurvival(tail)
        return (share(-z), share(z))
    }
}
