/// Roots of functions of one variable.
enum RootFinding {
    /// Steps after which a search is given up; Brent's method needs about 10, bisection alone 1,100 at worst.
    private static let stepsMax = 200

    /// A root between `low` and `high` by Brent's method (Brent 1973, ch. 4), to the last few bits.
    ///
    /// - Returns: nil if the function has the same sign at both ends.
    static func brent(_ low: Double, _ high: Double, _ function: (Double) -> Double) -> Double? {
        var a = low
        var b = high
        var fa = function(a)
        var fb = function(b)
        if fa == 0 { return a }
        if fb == 0 { return b }
        guard (fa < 0) != (fb < 0) else { return nil }
        var c = a
        var fc = fa
        var step = b - a
        var previous = step
        for _ in 0..<stepsMax {
            if (fb > 0) == (fc > 0) {
                c = a
                fc = fa
                step = b - a
                previous = step
            }
            if abs(fc) < abs(fb) {
                (a, b, c) = (b, c, b)
                (fa, fb, fc) = (fb, fc, fb)
            }
            let tolerance = 2 * Double.ulpOfOne * abs(b) + Double.leastNormalMagnitude
            let middle = (c - b) / 2
            if abs(middle) <= tolerance || fb == 0 { return b }
            if abs(previous) >= tolerance, abs(fa) > abs(fb) {
                let s = fb / fa
                var p: Double
                var q: Double
                if a == c {
                    p = 2 * middle * s
                    q = 1 - s
                } else {
                    let t = fa / fc
                    let r = fb / fc
                    p = s * (2 * middle * t * (t - r) - (b - a) * (r - 1))
                    q = (t - 1) * (r - 1) * (s - 1)
                }
                if p > 0 { q = -q } else { p = -p }
                if 2 * p < min(3 * middle * q - abs(tolerance * q), abs(previous * q)) {
                    previous = step
                    step = p / q
                } else {
                    step = middle
                    previous = middle
                }
            } else {
                step = middle
                previous = middle
            }
            a = b
            fa = fb
            b += abs(step) > tolerance ? step : (middle > 0 ? tolerance : -tolerance)
            fb = function(b)
        }
        return b
    }

    /// Where a function that falls from above 0 near 0 to below it towards +∞ meets 0, searched from `guess` > 0 outwards.
    static func decreasing(from guess: Double, _ function: (Double) -> Double) -> Double? {
        var low = guess
        var high = guess
        // Halving and doubling reach the ends of Double's range in some 2,000 steps, so both loops end.
        if function(guess) < 0 {
            repeat {
                high = low
                low /= 2
                if low == 0 { return 0 }
            } while function(low) < 0
        } else {
            repeat {
                low = high
                high *= 2
                if !high.isFinite { return .infinity }
            } while function(high) > 0
        }
        return brent(low, high, function)
    }
}
