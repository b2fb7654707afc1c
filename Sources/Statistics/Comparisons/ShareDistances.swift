/// Distances between the shares of two samples over the same bins or categories, all 0…1 and O(bins). Each is nil if either side has no
/// rows or the bins differ in number.
public enum ShareDistances {
    /// Hellinger's distance (1909) √(1 - Σ√(pᵢ qᵢ)); NannyML's `hellinger`, and SciPy's definition with the factor 1/√2.
    public static func hellinger(_ first: [Int], _ second: [Int]) -> Double? {
        // As half the sum of squares, which keeps its digits for near-equal shares.
        sum(first, second) { p, q in
            let gap = p.squareRoot() - q.squareRoot()
            return gap * gap
        }.map { (0.5 * $0).squareRoot() }
    }

    /// The total variation ½ Σ|pᵢ - qᵢ|: the greatest difference in the chance of any event.
    public static func totalVariation(_ first: [Int], _ second: [Int]) -> Double? {
        sum(first, second) { abs($0 - $1) }.map { $0 / 2 }
    }

    /// The greatest |pᵢ - qᵢ| of a single category; NannyML's `l_infinity`, TFDV's comparator for categories.
    public static func lInfinity(_ first: [Int], _ second: [Int]) -> Double? {
        guard let (n, m) = totals(first, second) else { return nil }
        return zip(first, second).reduce(0) { max($0, abs(Double($1.0) / n - Double($1.1) / m)) }
    }

    private static func sum(_ first: [Int], _ second: [Int], _ term: (Double, Double) -> Double) -> Double? {
        guard let (n, m) = totals(first, second) else { return nil }
        return zip(first, second).reduce(0) { $0 + term(Double($1.0) / n, Double($1.1) / m) }
    }

    private static func totals(_ first: [Int], _ second: [Int]) -> (Double, Double)? {
        let n = first.reduce(0, +)
        let m = second.reduce(0, +)
        return first.count == second.count && n > 0 && m > 0 ? (Double(n), Double(m)) : nil
    }
}
