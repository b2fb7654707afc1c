/// The chi-square distribution; `scipy.stats.chi2`.
public struct ChiSquareDistribution: Sendable, Hashable {
    /// More than 0; need not be whole.
    public let degreesOfFreedom: Double

    public init(degreesOfFreedom: Double) {
        self.degreesOfFreedom = degreesOfFreedom
    }

    public func cdf(_ x: Double) -> Double {
        x <= 0 ? 0 : SpecialFunctions.lowerIncompleteGamma(degreesOfFreedom / 2, x / 2)
    }

    /// P(X > x), precise where it is small.
    public func survival(_ x: Double) -> Double {
        x <= 0 ? 1 : SpecialFunctions.upperIncompleteGamma(degreesOfFreedom / 2, x / 2)
    }

    /// The x with P(X ≤ x) = p; `chi2.ppf`.
    public func quantile(_ p: Double) -> Double {
        2 * SpecialFunctions.inverseLowerIncompleteGamma(degreesOfFreedom / 2, p)
    }

    /// The x with P(X > x) = q; `chi2.isf`.
    public func inverseSurvival(_ q: Double) -> Double {
        2 * SpecialFunctions.inverseUpperIncompleteGamma(degreesOfFreedom / 2, q)
    }
}
