/// Densities of the Poisson and binomial families without the cancellation of large logarithms: Loader, "Fast and accurate
/// computation of binomial probabilities" (2000). The incomplete gamma and beta functions take their leading factors from here, so
/// that their relative error stays near 1e-14 for shapes in the millions.
enum SaddlePoint {
    static let halfLogTwoPi = 0.918938533204672741780329736406

    /// The error of Stirling's formula: ln n! - ln(√(2πn) (n/e)ⁿ), for any real n > 0.
    static func stirlingError(_ n: Double) -> Double {
        guard n >= 16 else {
            return Elementary.logGamma(n + 1) - (n + 0.5) * Elementary.log(n) + n - halfLogTwoPi
        }
        let square = n * n
        // Bernoulli numbers over 2k (2k - 1): DLMF 5.11.1.
        var sum = 1.0 / 1188
        sum = 1.0 / 1680 - (sum - 691.0 / 360_360 / square) / square
        sum = 1.0 / 1260 - sum / square
        sum = 1.0 / 360 - sum / square
        return (1.0 / 12 - sum / square) / n
    }

    /// x ln(x / m) + m - x, precise where x is near m; x ≥ 0, m > 0.
    static func deviance(_ x: Double, _ m: Double) -> Double {
        if x == 0 { return m }
        guard abs(x - m) < 0.1 * (x + m) else { return x * Elementary.log(x / m) + m - x }
        let v = (x - m) / (x + m)
        var sum = (x - m) * v
        var term = 2 * x * v
        for j in 1..<1000 {
            term *= v * v
            let next = sum + term / Double(2 * j + 1)
            if next == sum { break }
            sum = next
        }
        return sum
    }

    /// λˣ e^-λ / Γ(x + 1) for any real x ≥ 0, λ ≥ 0.
    static func poisson(_ x: Double, mean: Double) -> Double {
        if mean == 0 { return x == 0 ? 1 : 0 }
        if x == 0 { return Elementary.exp(-mean) }
        return Elementary.exp(-stirlingError(x) - deviance(x, mean)) / (2 * Double.pi * x).squareRoot()
    }

    /// Γ(n+1) / (Γ(x+1) Γ(n-x+1)) pˣ qⁿ⁻ˣ for any real 0 ≤ x ≤ n; q is 1 - p, given apart so that neither tail loses digits.
    static func binomial(_ x: Double, _ n: Double, _ p: Double, _ q: Double) -> Double {
        if p == 0 { return x == 0 ? 1 : 0 }
        if q == 0 { return x == n ? 1 : 0 }
        if x == 0 {
            return n == 0 ? 1 : Elementary.exp(n * (p < 0.1 ? Elementary.logOnePlus(-p) : Elementary.log(q)))
        }
        if x == n { return Elementary.exp(n * (q < 0.1 ? Elementary.logOnePlus(-q) : Elementary.log(p))) }
        let rest = n - x
        let logarithm =
            stirlingError(n) - stirlingError(x) - stirlingError(rest) - deviance(x, n * p) - deviance(rest, n * q)
        return Elementary.exp(logarithm) * (n / (2 * Double.pi * x * rest)).squareRoot()
    }
}
