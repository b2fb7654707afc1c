/// The Jensen-Shannon distance between two distributions over the same bins (Lin 1991; Endres and Schindelin 2003).
///
/// The square root of the divergence, as `scipy.spatial.distance.jensenshannon`. Natural logarithm unless told otherwise, as SciPy and
/// Evidently; NannyML takes base 2, which makes the greatest distance 1.
public enum JensenShannon {
    /// 0 for equal shares, √ln 2 ≈ 0.8326 for disjoint ones (1 in base 2). O(bins).
    ///
    /// - Parameter base: of the logarithm; nil is e.
    /// - Returns: nil if either side has no rows or the bins differ in number.
    public static func distance(_ first: [Int], _ second: [Int], base: Double? = nil) -> Double? {
        let n = Double(first.reduce(0, +))
        let m = Double(second.reduce(0, +))
        guard first.count == second.count, n > 0, m > 0 else { return nil }
        var divergence = 0.0
        for (x, y) in zip(first, second) {
            let p = Double(x) / n
            let q = Double(y) / m
            let middle = (p + q) / 2
            if p > 0 { divergence += p * Elementary.log(p / middle) }
            if q > 0 { divergence += q * Elementary.log(q / middle) }
        }
        return max(0, divergence / 2 / (base.map(Elementary.log) ?? 1)).squareRoot()
    }
}
