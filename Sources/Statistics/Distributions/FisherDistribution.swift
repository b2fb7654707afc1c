/// The F distribution of Fisher and Snedecor; `scipy.stats.f`.
public struct FisherDistribution: Sendable, Hashable {
    /// Degrees of freedom of the numerator, more than 0.
    public let numerator: Double
    /// Degrees of freedom of the denominator, more than 0.
    public let denominator: Double

    public init(numerator: Double, denominator: Double) {
        self.numerator = numerator
        self.denominator = denominator
    }

    public func cdf(_ x: Double) -> Double { sides(x).lower }

    /// P(X > x), precise where it is small (Abramowitz and Stegun 26.6.2).
    public func survival(_ x: Double) -> Double { sides(x).upper }

    /// The x with P(X ≤ x) = p; `f.ppf`.
    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        if p == 1 { return .infinity }
        // From the side of the beta variable that is not near 1, so that x / (1 - x) keeps its digits.
        let share = SpecialFunctions.inverseIncompleteBeta(numerator / 2, denominator / 2, p)
        if share <= 0.5 { return denominator * share / (numerator * (1 - share)) }
        let rest = SpecialFunctions.inverseIncompleteBeta(denominator / 2, numerator / 2, 1 - p)
        return denominator * (1 - rest) / (numerator * rest)
    }

    private func sides(_ x: Double) -> (lower: Double, upper: Double) {
        if x <= 0 { return (0, 1) }
        if x == .infinity { return (1, 0) }
        let part = numerator * x
        let total = part + denominator
        return SpecialFunctions.incompleteBeta(
            numerator / 2, denominator / 2, part / total, complement: denominator / total)
    }
}
