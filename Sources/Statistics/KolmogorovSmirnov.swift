/// The two-sample Kolmogorov-Smirnov test: the greatest distance between two empirical distribution functions.
///
/// The p-value is that of Kolmogorov's limiting distribution at √(nm/(n+m)) D (Smirnov 1939), without a small-sample
/// correction: a little too large for small samples and for distributions with ties, so it errs towards no alarm.
public enum KolmogorovSmirnov {
    /// Exact statistic; O(n log n + m log m). NaN is left out.
    ///
    /// - Returns: nil if either sample is empty.
    public static func test(_ first: [Double], _ second: [Double]) -> TestResult? {
        let a = first.filter { !$0.isNaN }.sorted()
        let b = second.filter { !$0.isNaN }.sorted()
        guard !a.isEmpty, !b.isEmpty else { return nil }
        var i = 0
        var j = 0
        var distance = 0.0
        while i < a.count, j < b.count {
            let value = min(a[i], b[j])
            while i < a.count, a[i] <= value { i += 1 }
            while j < b.count, b[j] <= value { j += 1 }
            distance = max(distance, abs(Double(i) / Double(a.count) - Double(j) / Double(b.count)))
        }
        return result(distance, a.count, b.count)
    }

    /// From counts in the same ascending bins: the greatest distance at a bin's edge.
    ///
    /// It is at most the exact statistic and less than it by no more than the largest share of one bin, so it errs towards
    /// no alarm. O(bins).
    ///
    /// - Returns: nil if either side has no rows or the bins differ in number.
    public static func test(binned first: [Int], _ second: [Int]) -> TestResult? {
        let n = first.reduce(0, +)
        let m = second.reduce(0, +)
        guard first.count == second.count, n > 0, m > 0 else { return nil }
        var a = 0
        var b = 0
        var distance = 0.0
        for (x, y) in zip(first, second) {
            a += x
            b += y
            distance = max(distance, abs(Double(a) / Double(n) - Double(b) / Double(m)))
        }
        return result(distance, n, m)
    }

    /// From two quantile sketches; the statistic is within the sum of their rank errors (2 × 1.33 % for k = 200).
    ///
    /// - Returns: nil if either sketch is empty.
    public static func test(_ first: QuantileSketch, _ second: QuantileSketch) -> TestResult? {
        guard first.count > 0, second.count > 0 else { return nil }
        let a = first.weightedValues
        let b = second.weightedValues
        let n = Double(a[a.count - 1].cumulativeWeight)
        let m = Double(b[b.count - 1].cumulativeWeight)
        var i = 0
        var j = 0
        var distance = 0.0
        while i < a.count, j < b.count {
            let value = min(a[i].value, b[j].value)
            while i < a.count, a[i].value <= value { i += 1 }
            while j < b.count, b[j].value <= value { j += 1 }
            let left = i == 0 ? 0 : Double(a[i - 1].cumulativeWeight) / n
            let right = j == 0 ? 0 : Double(b[j - 1].cumulativeWeight) / m
            distance = max(distance, abs(left - right))
        }
        return result(distance, first.count, second.count)
    }

    private static func result(_ distance: Double, _ n: Int, _ m: Int) -> TestResult {
        let effective = Double(n) * Double(m) / (Double(n) + Double(m))
        return TestResult(
            statistic: distance, pValue: SpecialFunctions.kolmogorovSurvival(effective.squareRoot() * distance))
    }
}
