/// The special functions behind the p-values of this room.
///
/// Incomplete gamma and beta functions are regularised, as in DLMF 8.2.4 and 8.17.2 and `scipy.special.gammaincc`, `betainc`.
/// Where both a function and its complement are of interest there is one function for each, so that small tails keep their digits.
public enum SpecialFunctions {
    /// Terms after which a series or fraction is given up. Both need O(√shape) terms, so this serves shapes to about 1e10.
    static let termsMax = 1_000_000

    /// The probability that a chi-square variable with `degreesOfFreedom` exceeds `x`: Q(k/2, x/2).
    public static func chiSquareSurvival(_ x: Double, degreesOfFreedom: Int) -> Double {
        upperIncompleteGamma(Double(degreesOfFreedom) / 2, x / 2)
    }

    /// The survival function of Kolmogorov's limiting distribution, P(K > λ), as `scipy.special.kolmogorov`.
    ///
    /// Below 1.18 the theta-function form, above it the alternating series (Marsaglia, Tsang and Wang 2003); five terms
    /// reach double precision on each side.
    ///
    /// - Returns: 0…1; 1 for λ ≤ 0.
    public static func kolmogorovSurvival(_ lambda: Double) -> Double {
        guard lambda > 0 else { return 1 }
        if lambda < 1.18 {
            // Below 0.04 the theta form underflows; the probability is 1 to far beyond double precision.
            if lambda < 0.04 { return 1 }
            let exponent = -Double.pi * Double.pi / (8 * lambda * lambda)
            var sum = 0.0
            for k in 0..<5 {
                let odd = Double(2 * k + 1)
                sum += Elementary.exp(exponent * odd * odd)
            }
            return 1 - (2 * Double.pi).squareRoot() / lambda * sum
        }
        var sum = 0.0
        for k in 1...5 {
            let term = Elementary.exp(-2 * Double(k * k) * lambda * lambda)
            sum += k.isMultiple(of: 2) ? -term : term
        }
        return min(max(2 * sum, 0), 1)
    }

    /// e^x K_ν(x), the scaled modified Bessel function of the second kind, for x > 0 and |ν| ≤ 1.
    ///
    /// By the trapezoidal rule on ∫₀^∞ exp(-x (cosh t - 1)) cosh(νt) dt (DLMF 10.32.9), which converges faster than any power of the
    /// step since the integrand falls double-exponentially. Relative error about 1e-14.
    public static func scaledBesselK(_ order: Double, _ x: Double) -> Double {
        guard x > 0 else { return .nan }
        // Where the integrand is below e^-40 of its start.
        let end = Elementary.inverseHyperbolicCosine(1 + 44 / x)
        let steps = 128
        let step = end / Double(steps)
        var sum = 0.5
        for i in 1...steps {
            let t = Double(i) * step
            let half = Elementary.hyperbolicSine(t / 2)
            sum += Elementary.exp(-2 * x * half * half) * Elementary.hyperbolicCosine(order * t)
        }
        return sum * step
    }
}
