/// Adjusted p-values for several tests at once: reject where the adjusted value is at most the level. Each keeps the order of its input;
/// NaN counts as 1. As `statsmodels.stats.multitest.multipletests` and `scipy.stats.false_discovery_control`. O(m log m).
public enum MultipleTesting {
    /// Family-wise error under any dependence: m p (Bonferroni 1936).
    public static func bonferroni(_ pValues: [Double]) -> [Double] {
        pValues.map { min(1, clean($0) * Double(pValues.count)) }
    }

    /// Family-wise error under any dependence, never weaker than Bonferroni's (Holm 1979).
    public static func holm(_ pValues: [Double]) -> [Double] {
        let order = ascending(pValues)
        var adjusted = pValues
        var largest = 0.0
        for (rank, index) in order.enumerated() {
            largest = max(largest, min(1, clean(pValues[index]) * Double(pValues.count - rank)))
            adjusted[index] = largest
        }
        return adjusted
    }

    /// False discovery rate for independent or positively dependent tests (Benjamini and Hochberg 1995).
    public static func benjaminiHochberg(_ pValues: [Double]) -> [Double] { stepUp(pValues, factor: 1) }

    /// False discovery rate under any dependence (Benjamini and Yekutieli 2001): a factor of Σ 1/i stricter.
    public static func benjaminiYekutieli(_ pValues: [Double]) -> [Double] {
        stepUp(pValues, factor: pValues.indices.reduce(0) { $0 + 1 / Double($1 + 1) })
    }

    /// The indices rejected at false discovery rate `level` from e-values, under any dependence (e-BH; Wang and Ramdas 2022): the k
    /// largest, for the greatest k whose k-th e-value is at least m / (k level).
    public static func eBenjaminiHochberg(_ eValues: [Double], level: Double) -> [Int] {
        let order = eValues.indices.sorted { eValues[$0] > eValues[$1] }
        let m = Double(eValues.count)
        let last = order.indices.last { eValues[order[$0]] * Double($0 + 1) * level >= m }
        return last.map { order[...$0].sorted() } ?? []
    }

    private static func stepUp(_ pValues: [Double], factor: Double) -> [Double] {
        let order = ascending(pValues)
        var adjusted = pValues
        var smallest = 1.0
        for (rank, index) in order.enumerated().reversed() {
            smallest = min(smallest, clean(pValues[index]) * Double(pValues.count) / Double(rank + 1) * factor)
            adjusted[index] = smallest
        }
        return adjusted
    }

    private static func ascending(_ pValues: [Double]) -> [Int] {
        pValues.indices.sorted { clean(pValues[$0]) < clean(pValues[$1]) }
    }

    private static func clean(_ p: Double) -> Double { p.isNaN ? 1 : min(max(p, 0), 1) }
}
