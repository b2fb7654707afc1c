/// The Jensen-Shannon distance between two distributions over the same bins (Lin 1991; Endres and Schindelin 2003).
public enum JensenShannon {
    /// The square root of the divergence, natural logarithm: 0 for equal shares, √ln 2 ≈ 0.8326 for disjoint ones. O(bins).
    ///
    /// - Returns: nil if either side has no rows or the bins differ in number.
    public static func distance(_ first: [Int], _ second: [Int]) -> Double? {
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
        return max(0, divergence / 2).squareRoot()
    }
}
