/// The mixture sequential probability ratio test of a normal mean (Robbins 1970; Johari, Koomen, Pekelis and Walsh 2017): the likelihood ratio
/// against θ₀ averaged over a normal prior N(θ₀, τ²) of the mean.
///
/// ln Λ = ½ ln(V / (V + nτ²)) + n²τ²(x̄ - θ₀)² / (2V(V + nτ²)). With V the known variance of a value it is an e-value of independent normal values;
/// with V estimated it is one in the limit of many. For two arms take as a value the difference of a pair, V the sum of the variances.
public struct MixtureSPRT: EProcess, Hashable, Codable {
    /// The mean under the hypothesis, in the values' unit.
    public let mean: Double
    /// The variance of one value.
    public let variance: Double
    /// τ²: the variance of the means to be found; near the square of the smallest effect of interest.
    public let mixingVariance: Double
    public private(set) var count = 0
    public private(set) var sum = 0.0

    public init(mean: Double = 0, variance: Double, mixingVariance: Double) {
        precondition(variance > 0 && mixingVariance > 0, "variances are more than 0")
        self.mean = mean
        self.variance = variance
        self.mixingVariance = mixingVariance
    }

    /// Adds one value; what is not finite is left out.
    public mutating func insert(_ value: Double) {
        guard value.isFinite else { return }
        count += 1
        sum += value
    }

    public var logEValue: Double {
        guard count > 0 else { return 0 }
        let n = Double(count)
        let gap = sum / n - mean
        let total = variance + n * mixingVariance
        return 0.5 * Elementary.log(variance / total) + n * n * mixingVariance * gap * gap / (2 * variance * total)
    }

    /// The confidence sequence of the mean that belongs to the test: x̄ ± √(V(V + nτ²) / (n²τ²) (2 ln(1/α) + ln((V + nτ²) / V))).
    public func interval(confidence: Double = 0.95) -> Interval {
        guard count > 0 else { return Interval(lower: -.infinity, upper: .infinity) }
        let n = Double(count)
        let total = variance + n * mixingVariance
        let half =
            (variance * total / (n * n * mixingVariance)
            * (-2 * Elementary.log(1 - confidence) + Elementary.log(total / variance))).squareRoot()
        return Interval(lower: sum / n - half, upper: sum / n + half)
    }

    /// The evidence for a difference of two arms' means from their moments, variances estimated: the statistic of an unpaired experiment, in the
    /// effective size nm / (n + m).
    ///
    /// - Returns: nil below two values in an arm or where neither varies.
    public static func logEValue(_ first: Moments, _ second: Moments, mixingVariance: Double) -> Double? {
        guard let a = first.variance, let b = second.variance else { return nil }
        let squaredError = a / Double(first.count) + b / Double(second.count)
        guard squaredError > 0 else { return nil }
        let gap = first.mean - second.mean
        let total = squaredError + mixingVariance
        return 0.5 * Elementary.log(squaredError / total) + mixingVariance * gap * gap / (2 * squaredError * total)
    }
}
