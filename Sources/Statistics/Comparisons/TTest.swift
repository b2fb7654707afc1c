/// The t-test for the means of two samples: Welch's (1947), unless equal variances are assumed (Student 1908).
/// `scipy.stats.ttest_ind(equal_var=False)` and `ttest_ind()`.
public struct TTest: Sendable, Hashable {
    /// Positive where the first mean is greater.
    public let statistic: Double
    /// Welch and Satterthwaite's for unequal variances: not whole.
    public let degreesOfFreedom: Double
    public let pValue: Double
    /// The first mean minus the second, in the values' unit.
    public let difference: Double
    /// Of that difference.
    public let standardError: Double

    /// O(n + m). What is not finite is left out.
    ///
    /// - Returns: nil with fewer than two values on a side, or where neither side varies.
    public init?(
        _ first: [Double], _ second: [Double], equalVariances: Bool = false, alternative: Alternative = .twoSided
    ) {
        self.init(Moments(first), Moments(second), equalVariances: equalVariances, alternative: alternative)
    }

    /// From mergeable moments: O(1).
    public init?(
        _ first: Moments, _ second: Moments, equalVariances: Bool = false, alternative: Alternative = .twoSided
    ) {
        guard let firstVariance = first.variance, let secondVariance = second.variance else { return nil }
        let n = Double(first.count)
        let m = Double(second.count)
        let squaredError: Double
        if equalVariances {
            degreesOfFreedom = n + m - 2
            squaredError = (first.squaredDeviations + second.squaredDeviations) / degreesOfFreedom * (1 / n + 1 / m)
        } else {
            let a = firstVariance / n
            let b = secondVariance / m
            squaredError = a + b
            // Shares instead of squares of variances, which would leave the range of Double.
            let share = a / (a + b)
            degreesOfFreedom = 1 / (share * share / (n - 1) + (1 - share) * (1 - share) / (m - 1))
        }
        guard squaredError > 0 else { return nil }
        standardError = squaredError.squareRoot()
        difference = first.mean - second.mean
        statistic = difference / standardError
        let distribution = StudentDistribution(degreesOfFreedom: degreesOfFreedom)
        switch alternative {
        case .twoSided: pValue = min(1, 2 * distribution.survival(abs(statistic)))
        case .less: pValue = distribution.cdf(statistic)
        case .greater: pValue = distribution.survival(statistic)
        }
    }

    /// The two-sided interval of the difference; SciPy's `confidence_interval`.
    public func interval(confidence: Double = 0.95) -> Interval {
        let half =
            StudentDistribution(degreesOfFreedom: degreesOfFreedom).inverseSurvival((1 - confidence) / 2)
            * standardError
        return Interval(lower: difference - half, upper: difference + half)
    }
}
