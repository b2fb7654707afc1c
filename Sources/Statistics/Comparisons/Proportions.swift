/// Shares of successes: the z-test for two of them, and intervals for one.
public enum Proportions {
    /// The pooled z-test that two shares are equal; z² is Pearson's chi-square without Yates' correction.
    /// `statsmodels.stats.proportion.proportions_ztest`, Evidently's `z`.
    ///
    /// - Returns: z, positive where the first share is greater. nil without trials or with counts out of range; z = 0 and p = 1 where
    ///   all trials of both agree.
    public static func zTest(
        _ firstSuccesses: Int, of firstTrials: Int, _ secondSuccesses: Int, of secondTrials: Int,
        alternative: Alternative = .twoSided
    ) -> TestResult? {
        guard firstTrials > 0, secondTrials > 0, (0...firstTrials).contains(firstSuccesses),
            (0...secondTrials).contains(secondSuccesses)
        else { return nil }
        let n = Double(firstTrials)
        let m = Double(secondTrials)
        let pooled = Double(firstSuccesses + secondSuccesses) / (n + m)
        let deviation = (pooled * (1 - pooled) * (1 / n + 1 / m)).squareRoot()
        guard deviation > 0 else { return TestResult(statistic: 0, pValue: 1) }
        let z = (Double(firstSuccesses) / n - Double(secondSuccesses) / m) / deviation
        return TestResult(statistic: z, pValue: NormalDistribution.pValue(z, alternative))
    }

    /// Wilson's score interval (1927): near its nominal coverage also for few trials and shares near 0 or 1.
    /// `scipy.stats.binomtest(…).proportion_ci(method="wilson")`.
    ///
    /// - Parameters:
    ///   - successes: 0…trials.
    ///   - trials: real-valued, so that weighted or effective numbers serve as well.
    ///   - confidence: 0…1, usually 0.95.
    /// - Returns: nil without trials.
    public static func wilsonInterval(_ successes: Double, of trials: Double, confidence: Double = 0.95) -> Interval? {
        guard trials > 0, successes >= 0, successes <= trials else { return nil }
        let z = NormalDistribution.inverseSurvival((1 - confidence) / 2)
        let p = successes / trials
        let q = 1 - p
        let scale = 1 / (2 * (trials + z * z))
        let center = (2 * trials * p + z * z) * scale
        let half = z * (z * z + 4 * trials * p * q).squareRoot() * scale
        return Interval(
            lower: successes == 0 ? 0 : max(0, center - half), upper: successes == trials ? 1 : min(1, center + half))
    }

    /// Clopper and Pearson's interval (1934), which covers at least `confidence` for every share.
    /// `scipy.stats.binomtest(…).proportion_ci(method="exact")`.
    ///
    /// - Returns: nil without trials or with successes out of range.
    public static func exactInterval(_ successes: Int, of trials: Int, confidence: Double = 0.95) -> Interval? {
        guard trials > 0, (0...trials).contains(successes) else { return nil }
        let tail = (1 - confidence) / 2
        let k = Double(successes)
        let n = Double(trials)
        let lower = successes == 0 ? 0 : SpecialFunctions.inverseIncompleteBeta(k, n - k + 1, tail)
        // From the failures' side, so that an end near 1 is as precise as one near 0.
        let upper = successes == trials ? 1 : 1 - SpecialFunctions.inverseIncompleteBeta(n - k, k + 1, tail)
        return Interval(lower: lower, upper: upper)
    }

    /// Newcombe's hybrid score interval (1998, method 10) for the first share minus the second.
    /// `statsmodels…confint_proportions_2indep(method="newcomb")`.
    ///
    /// - Returns: nil without trials or with counts out of range.
    public static func differenceInterval(
        _ firstSuccesses: Int, of firstTrials: Int, _ secondSuccesses: Int, of secondTrials: Int,
        confidence: Double = 0.95
    ) -> Interval? {
        guard
            let first = wilsonInterval(Double(firstSuccesses), of: Double(firstTrials), confidence: confidence),
            let second = wilsonInterval(Double(secondSuccesses), of: Double(secondTrials), confidence: confidence)
        else { return nil }
        let p = Double(firstSuccesses) / Double(firstTrials)
        let q = Double(secondSuccesses) / Double(secondTrials)
        let down = ((p - first.lower) * (p - first.lower) + (second.upper - q) * (second.upper - q)).squareRoot()
        let up = ((first.upper - p) * (first.upper - p) + (q - second.lower) * (q - second.lower)).squareRoot()
        return Interval(lower: p - q - down, upper: p - q + up)
    }
}

extension NormalDistribution {
    /// The p-value of a z statistic.
    public static func pValue(_ z: Double, _ alternative: Alternative) -> Double {
        switch alternative {
        case .twoSided: min(1, 2 * survival(abs(z)))
        case .less: cdf(z)
        case .greater: survival(z)
        }
    }
}
