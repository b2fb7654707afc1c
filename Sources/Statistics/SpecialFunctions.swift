/// The special functions behind the p-values of this room.
public enum SpecialFunctions {
    /// Upper regularised incomplete gamma function Q(a, x) = Γ(a, x) / Γ(a).
    ///
    /// Power series for x < a + 1 (DLMF 8.11.4), else Legendre's continued fraction by the modified Lentz method
    /// (DLMF 8.9.2; Thompson and Barnett 1986). Relative error about 1e-13 for a up to 1e4; O(√a) terms.
    ///
    /// - Parameters:
    ///   - a: more than 0.
    ///   - x: 0 or more.
    /// - Returns: 0…1; NaN outside the domain.
    public static func upperIncompleteGamma(_ a: Double, _ x: Double) -> Double {
        guard a > 0, x >= 0, a.isFinite else { return .nan }
        if x == 0 { return 1 }
        if x == .infinity { return 0 }
        let scale = Elementary.exp(a * Elementary.log(x) - x - Elementary.logGamma(a))
        return x < a + 1 ? 1 - scale * gammaSeries(a, x) : scale * gammaFraction(a, x)
    }

    /// The probability that a chi-square variable with `degreesOfFreedom` exceeds `x`: Q(k/2, x/2).
    public static func chiSquareSurvival(_ x: Double, degreesOfFreedom: Int) -> Double {
        upperIncompleteGamma(Double(degreesOfFreedom) / 2, x / 2)
    }

    /// The survival function of Kolmogorov's limiting distribution, P(K > λ).
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

    /// Terms after which a series is given up; a = 1e4 needs about 700.
    private static let termsMax = 10_000

    private static func gammaSeries(_ a: Double, _ x: Double) -> Double {
        var term = 1 / a
        var sum = term
        for n in 1...termsMax {
            term *= x / (a + Double(n))
            sum += term
            if term < sum * 1e-17 { break }
        }
        return sum
    }

    private static func gammaFraction(_ a: Double, _ x: Double) -> Double {
        // Lentz: a denominator of exactly 0 is replaced by a number too small to matter.
        let tiny = 1e-300
        var b = x + 1 - a
        var c = 1 / tiny
        var d = 1 / (abs(b) < tiny ? tiny : b)
        var h = d
        for n in 1...termsMax {
            let an = -Double(n) * (Double(n) - a)
            b += 2
            d = an * d + b
            if abs(d) < tiny { d = tiny }
            c = b + an / c
            if abs(c) < tiny { c = tiny }
            d = 1 / d
            let factor = d * c
            h *= factor
            if abs(factor - 1) < 1e-16 { break }
        }
        return h
    }
}
