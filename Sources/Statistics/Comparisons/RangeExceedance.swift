/// How unlikely it is that so many of a window's values lie outside the range of the reference, if nothing has changed.
///
/// The range of a finite reference is itself random. If reference and window are exchangeable, the window's values fall with
/// equal chance into each of the m + 1 gaps between the m ordered reference values, whatever the distribution (Wilks 1941,
/// tolerance limits); the two outer gaps are the outside.
public enum RangeExceedance {
    /// Tail terms below this share of the sum change nothing in double precision.
    private static let negligible = 1e-17

    /// The exact chance that at least `outside` of `count` values lie outside the range of `reference` values; for
    /// distributions without ties, and too large with them. O(count) at worst.
    ///
    /// - Returns: 0…1; 1 for a reference of fewer than two values.
    public static func survival(outside: Int, of count: Int, reference: Int) -> Double {
        guard outside > 0, count > 0, reference >= 2 else { return 1 }
        let n = Double(count)
        let m = Double(reference)
        // P(K = j) = (j + 1) C(n - j + m - 2, m - 2) / C(n + m, m), from j = 0 by the ratio of neighbours.
        var term = m * (m - 1) / ((n + m) * (n + m - 1))
        var below = 0.0
        var tail = 0.0
        for j in 0...count {
            if j < outside { below += term } else { tail += term }
            let next = Double(j)
            let ratio = (next + 2) / (next + 1) * (n - next) / (n - next + m - 2)
            term *= ratio
            if j >= outside, ratio < 1, term < negligible * tail { break }
        }
        // The smaller of the two sums is the precise one.
        return below < 0.5 ? max(0, min(1, 1 - below)) : min(1, tail)
    }
}
