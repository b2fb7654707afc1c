/// The two-sample Kolmogorov-Smirnov test: the greatest distance between two empirical distribution functions.
///
/// Unless told otherwise the p-value is that of Kolmogorov's limiting distribution at √(nm/(n+m)) D (Smirnov 1939), without a
/// small-sample correction: a little too large for small samples and for distributions with ties, so it errs towards no alarm.
public enum KolmogorovSmirnov {
    /// How the p-value is found.
    public enum Method: Sendable, Hashable {
        /// Kolmogorov's limit for infinite samples, O(1).
        case limiting
        /// The one-sample distribution for nm/(n+m) observations, rounded; SciPy's `method="asymp"`.
        case finite
        /// All (n+m choose n) orders counted: O(nm) at worst, O(n) for n = m. Conservative with ties, as everywhere. SciPy's `exact`.
        /// Beyond `exactCellsMax` pairs of unequal sizes, finite.
        case exact
        /// Exact while both samples have at most 10,000 values, else finite; SciPy's `auto`.
        case automatic
    }

    /// Above it `automatic` no longer counts, as in SciPy.
    public static let exactSampleMax = 10_000
    /// Above so many pairs of values even `exact` gives way: some 20 seconds of counting.
    public static let exactCellsMax = 10_000_000_000

    /// Exact statistic; O(n log n + m log m). NaN is left out.
    ///
    /// - Returns: nil if either sample is empty.
    public static func test(_ first: [Double], _ second: [Double], method: Method = .limiting) -> TestResult? {
        test(SortedSample(first), SortedSample(second), method: method)
    }

    /// For samples that are sorted already: O(n + m). `scipy.stats.ks_2samp`.
    ///
    /// - Returns: nil if either sample is empty.
    public static func test(_ first: SortedSample, _ second: SortedSample, method: Method = .limiting) -> TestResult? {
        guard !first.isEmpty, !second.isEmpty else { return nil }
        let n = Double(first.count)
        let m = Double(second.count)
        var i = 0
        var j = 0
        var distance = 0.0
        SortedSample.forEachValue(first, second) { _, a, b in
            i += a
            j += b
            distance = max(distance, abs(Double(i) / n - Double(j) / m))
        }
        return result(distance, first.count, second.count, method)
    }

    /// From counts in the same ascending bins: the greatest distance at a bin's edge.
    ///
    /// It is at most the exact statistic and less than it by no more than the largest share of one bin, so it errs towards
    /// no alarm. O(bins).
    ///
    /// - Returns: nil if either side has no rows or the bins differ in number.
    public static func test(binned first: [Int], _ second: [Int], method: Method = .limiting) -> TestResult? {
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
        return result(distance, n, m, method)
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
        return result(distance, first.count, second.count, .limiting)
    }

    /// P(D ≥ d) for two samples of n and m values of one continuous distribution, exactly.
    ///
    /// For n = m Gnedenko and Korolyuk's sum (1951), else the share of lattice paths that leave the band, carried from cell to cell so
    /// that all terms are positive and small tails keep their digits (Viehmann 2021). O(nm) at worst.
    ///
    /// - Parameter distance: 0…1, taken for the nearest multiple of 1 / lcm(n, m).
    public static func exactPValue(distance: Double, _ n: Int, _ m: Int) -> Double {
        let divisor = greatestCommonDivisor(n, m)
        let steps = (distance * Double(n / divisor) * Double(m)).rounded()
        guard steps >= 1 else { return 1 }
        if n == m { return equalSizesPValue(n, Int(steps)) }
        return pathsPValue(max(n, m), min(n, m), divisor, steps)
    }

    private static func equalSizesPValue(_ n: Int, _ h: Int) -> Double {
        // P = 2 A₀ (1 - A₁ (1 - A₂ (…))) with A_k the ratio of neighbouring binomial coefficients.
        var probability = 0.0
        var k = n / h
        while k >= 0 {
            var ratio = 1.0
            for j in 0..<h {
                ratio *= Double(n - k * h - j) / Double(n + k * h + j + 1)
                if ratio == 0 { break }
            }
            probability = ratio * (1 - probability)
            k -= 1
        }
        return min(1, max(0, 2 * probability))
    }

    private static func pathsPValue(_ n: Int, _ m: Int, _ divisor: Int, _ steps: Double) -> Double {
        let a = Double(n / divisor)
        let b = Double(m / divisor)
        let reciprocals = [0] + (1...(n + m)).map { 1 / Double($0) }
        // After row i, row[j] is the share of the paths to (i, j) that have touched the outside, 1 outside the band.
        var row = [Double](repeating: 1, count: m + 1)
        row[0] = 0
        row.withUnsafeMutableBufferPointer { row in
            for i in 0...n {
                // Inside: |i b - j a| < steps.
                let low = max(0, Int(((Double(i) * b - steps) / a).rounded(.down)) + 1)
                let high = min(m, Int(((Double(i) * b + steps) / a).rounded(.up)) - 1)
                if low > 0 { row[low - 1] = 1 }
                guard low <= high else { continue }
                var left = low > 0 ? 1.0 : 0.0
                for j in low...high where i + j > 0 {
                    left = (Double(i) * row[j] + Double(j) * left) * reciprocals[i + j]
                    row[j] = left
                }
            }
        }
        return min(1, row[m])
    }

    private static func result(_ distance: Double, _ n: Int, _ m: Int, _ method: Method) -> TestResult {
        let effective = Double(n) * Double(m) / (Double(n) + Double(m))
        let pValue: Double
        switch method {
        case .limiting:
            pValue = SpecialFunctions.kolmogorovSurvival(effective.squareRoot() * distance)
        case .exact where n == m || Double(n) * Double(m) <= Double(exactCellsMax):
            pValue = exactPValue(distance: distance, n, m)
        case .automatic where max(n, m) <= exactSampleMax:
            pValue = exactPValue(distance: distance, n, m)
        case .finite, .automatic, .exact:
            let size = max(1, Int(effective.rounded(.toNearestOrEven)))
            pValue = KolmogorovDistribution(sampleSize: size).survival(distance)
        }
        return TestResult(statistic: distance, pValue: pValue)
    }

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        b == 0 ? a : greatestCommonDivisor(b, a % b)
    }
}
