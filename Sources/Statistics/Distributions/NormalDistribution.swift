/// The standard normal distribution; `scipy.stats.norm`.
public enum NormalDistribution {
    private static let inverseRootTwoPi = 0.398942280401432677939946059934

    public static func density(_ x: Double) -> Double { inverseRootTwoPi * Elementary.exp(-x * x / 2) }

    /// P(Z ≤ x), to the last digits in either tail.
    public static func cdf(_ x: Double) -> Double { 0.5 * Elementary.errorComplement(-x * 0.5.squareRoot()) }

    /// P(Z > x), precise where it is small.
    public static func survival(_ x: Double) -> Double { 0.5 * Elementary.errorComplement(x * 0.5.squareRoot()) }

    /// The x with P(Z ≤ x) = p; `norm.ppf`. ∓∞ for 0 and 1, NaN outside.
    public static func quantile(_ p: Double) -> Double {
        p <= 0.5 ? -inverseSurvival(p) : inverseSurvival(1 - p)
    }

    /// The x with P(Z > x) = q; `norm.isf`, precise for small q.
    ///
    /// Hastings' rational approximation (Abramowitz and Stegun 26.2.23, error 4.5e-4), then Halley's method, which triples the
    /// digits with each step.
    public static func inverseSurvival(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        if q == 0 { return .infinity }
        if q == 1 { return -.infinity }
        if q > 0.5 { return -inverseSurvival(1 - q) }
        let t = (-2 * Elementary.log(q)).squareRoot()
        var x =
            t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
        for _ in 0..<3 {
            let error = (survival(x) - q) / density(x)
            guard error.isFinite else { break }
            x += error / (1 + x * error / 2)
        }
        return x
    }
}
