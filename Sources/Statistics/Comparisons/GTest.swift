/// The G test: the likelihood-ratio test of homogeneity on a contingency table (Wilks 1935; Sokal and Rohlf 1995).
///
/// `scipy.stats.chi2_contingency(table, lambda_="log-likelihood")`. Evidently's `g_test` is a goodness of fit without rescaling, which
/// SciPy refuses for unequal totals.
public enum GTest {
    /// - Parameters:
    ///   - table: rows of counts, 0 or more, of equal length; empty rows and columns are left out.
    ///   - yates: half a count towards the expectation where there is one degree of freedom, as SciPy does unless told otherwise.
    /// - Returns: nil without rows or columns that can be compared, or where rows differ in length.
    public static func contingency(_ table: [[Int]], yates: Bool = false) -> TestResult? {
        guard let cells = ContingencyCells(table, yates: yates) else { return nil }
        var sum = 0.0
        for (observed, expected) in cells.pairs where observed > 0 {
            sum += observed * Elementary.log(observed / expected)
        }
        let statistic = max(0, 2 * sum)
        return TestResult(
            statistic: statistic,
            pValue: SpecialFunctions.chiSquareSurvival(statistic, degreesOfFreedom: cells.degreesOfFreedom))
    }
}
