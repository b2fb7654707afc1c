/// Pearson's chi-square test of homogeneity on a 2 × k contingency table (Pearson 1900): do two samples of categories come
/// from one distribution? The noise of both samples counts, unlike in a goodness-of-fit test against the reference.
public enum ChiSquare {
    /// O(k). Without Yates' correction.
    ///
    /// - Parameters:
    ///   - first: counts of each category.
    ///   - second: counts of the same categories.
    ///   - poolingExpectedBelow: categories whose expected count in either sample is below this are joined into one (which
    ///     is itself kept whatever its size), since the approximation fails for thin cells; Cochran's rule (1954) is 5. 0
    ///     pools nothing.
    /// - Returns: nil if either side has no rows or the categories differ in number; p = 1 where one category is left.
    public static func test(_ first: [Int], _ second: [Int], poolingExpectedBelow: Double = 0) -> TestResult? {
        let n = Double(first.reduce(0, +))
        let m = Double(second.reduce(0, +))
        guard first.count == second.count, n > 0, m > 0 else { return nil }
        var cells: [(Double, Double)] = []
        var rest = (0.0, 0.0)
        for (x, y) in zip(first, second) where x + y > 0 {
            let expected = Double(x + y) * min(n, m) / (n + m)
            if expected < poolingExpectedBelow {
                rest = (rest.0 + Double(x), rest.1 + Double(y))
            } else {
                cells.append((Double(x), Double(y)))
            }
        }
        if rest.0 + rest.1 > 0 { cells.append(rest) }
        guard cells.count > 1 else { return TestResult(statistic: 0, pValue: 1) }
        var statistic = 0.0
        for (x, y) in cells {
            let expectedFirst = (x + y) * n / (n + m)
            let expectedSecond = (x + y) * m / (n + m)
            statistic += (x - expectedFirst) * (x - expectedFirst) / expectedFirst
            statistic += (y - expectedSecond) * (y - expectedSecond) / expectedSecond
        }
        return TestResult(
            statistic: statistic,
            pValue: SpecialFunctions.chiSquareSurvival(statistic, degreesOfFreedom: cells.count - 1))
    }
}
