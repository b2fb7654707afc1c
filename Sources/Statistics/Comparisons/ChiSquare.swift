/// Pearson's chi-square test of homogeneity on a contingency table (Pearson 1900): do the rows come from one distribution of
/// categories? The noise of all rows counts, unlike in a goodness-of-fit test against the reference.
public enum ChiSquare {
    /// The 2 × k table of two samples. O(k). Without Yates' correction.
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

    /// Any r × c table; `scipy.stats.chi2_contingency`.
    ///
    /// - Parameters:
    ///   - table: rows of counts, 0 or more, of equal length. Empty rows and columns are left out, where SciPy raises an error.
    ///   - yates: moves each cell half a count towards its expectation where there is one degree of freedom. SciPy and NannyML do so
    ///     unless told otherwise; it makes the test conservative (Yates 1934).
    /// - Returns: nil without rows or columns that can be compared, or where rows differ in length.
    public static func contingency(_ table: [[Int]], yates: Bool = false) -> TestResult? {
        guard let cells = ContingencyCells(table, yates: yates) else { return nil }
        var statistic = 0.0
        for (observed, expected) in cells.pairs {
            statistic += (observed - expected) * (observed - expected) / expected
        }
        return TestResult(
            statistic: statistic,
            pValue: SpecialFunctions.chiSquareSurvival(statistic, degreesOfFreedom: cells.degreesOfFreedom))
    }

    /// Goodness of fit against known shares; `scipy.stats.chisquare`. Not for a reference *sample*: its noise does not count here.
    ///
    /// - Parameters:
    ///   - observed: counts, 0 or more.
    ///   - shares: the expected shares, of any total, all more than 0.
    /// - Returns: nil without rows, with fewer than two categories or where their numbers differ.
    public static func goodnessOfFit(_ observed: [Int], shares: [Double]) -> TestResult? {
        let n = Double(observed.reduce(0, +))
        let total = shares.reduce(0, +)
        guard observed.count == shares.count, observed.count > 1, n > 0, shares.allSatisfy({ $0 > 0 }) else {
            return nil
        }
        var statistic = 0.0
        for (count, share) in zip(observed, shares) {
            let expected = n * share / total
            statistic += (Double(count) - expected) * (Double(count) - expected) / expected
        }
        return TestResult(
            statistic: statistic,
            pValue: SpecialFunctions.chiSquareSurvival(statistic, degreesOfFreedom: observed.count - 1))
    }
}
