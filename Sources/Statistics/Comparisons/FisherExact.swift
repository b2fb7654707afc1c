/// Fisher's exact test of a 2 × 2 table (Fisher 1935): all tables with the same margins weighed; `scipy.stats.fisher_exact`.
public enum FisherExact {
    /// [[a, b], [c, d]], counts of 0 or more.
    ///
    /// Two-sided, the chance of all tables no more likely than this one; probabilities that differ by less than 1e-14 relative count as
    /// equal, as in SciPy (R takes 1e-7). O(smallest margin).
    ///
    /// - Returns: the statistic is the sample odds ratio ad / bc (+∞ where bc = 0; R gives the conditional one). nil for a negative count;
    ///   p = 1 and NaN where a row or column is empty.
    public static func test(
        _ a: Int, _ b: Int, _ c: Int, _ d: Int, alternative: Alternative = .twoSided
    ) -> TestResult? {
        guard min(a, b, c, d) >= 0 else { return nil }
        guard a + b > 0, c + d > 0, a + c > 0, b + d > 0 else { return TestResult(statistic: .nan, pValue: 1) }
        let odds = b > 0 && c > 0 ? Double(a) * Double(d) / (Double(b) * Double(c)) : .infinity
        let distribution = HypergeometricDistribution(population: a + b + c + d, marked: a + b, draws: a + c)
        let pValue: Double
        switch alternative {
        case .less: pValue = distribution.cdf(a)
        case .greater: pValue = distribution.survivalInclusive(a)
        case .twoSided: pValue = twoSided(distribution, a)
        }
        return TestResult(statistic: odds, pValue: min(1, pValue))
    }

    private static func twoSided(_ distribution: HypergeometricDistribution, _ observed: Int) -> Double {
        let limit = distribution.mass(observed) * (1 + 1e-14)
        let support = distribution.support
        let mode =
            Int(
                (Double(distribution.draws + 1) * Double(distribution.marked + 1) / Double(distribution.population + 2))
                    .rounded(.down))
        if distribution.mass(min(max(mode, support.lowerBound), support.upperBound)) <= limit { return 1 }
        // Masses rise to the mode and fall after it, so each side's tail begins at one place.
        var low = support.lowerBound - 1
        var high = mode
        while low < high {
            let middle = low + (high - low + 1) / 2
            if middle < mode, distribution.mass(middle) <= limit { low = middle } else { high = middle - 1 }
        }
        let left = low
        low = mode
        high = support.upperBound + 1
        while low < high {
            let middle = low + (high - low) / 2
            if distribution.mass(middle) <= limit { high = middle } else { low = middle + 1 }
        }
        return (observed < mode ? distribution.cdf(observed) : distribution.cdf(left))
            + distribution.survivalInclusive(observed < mode ? low : observed)
    }
}
