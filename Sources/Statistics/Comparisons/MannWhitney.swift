/// The Mann-Whitney U test (1947), also named after Wilcoxon: does one sample tend to greater values? `scipy.stats.mannwhitneyu`.
public enum MannWhitney {
    /// How the p-value is found.
    public enum Method: Sendable, Hashable {
        /// Normal approximation with tie correction and, unless it is switched off, continuity correction.
        case normal
        /// All orders counted; only right without ties. O(n m U), so beyond `exactStepsMax` the normal approximation.
        case exact
        /// Exact where one sample has at most eight values and nothing ties, as in SciPy.
        case automatic
    }

    /// Above so many steps even `exact` gives way: some seconds of counting.
    public static let exactStepsMax = 4_000_000_000

    /// O(n log n + m log m). NaN is left out.
    ///
    /// - Returns: U of the first sample: pairs in which it is greater, ties counting half. nil if either sample is empty; p = 1 where all
    ///   values tie.
    public static func test(
        _ first: [Double], _ second: [Double], alternative: Alternative = .twoSided, method: Method = .automatic,
        continuity: Bool = true
    ) -> TestResult? {
        test(
            SortedSample(first), SortedSample(second), alternative: alternative, method: method, continuity: continuity)
    }

    /// For samples that are sorted already: O(n + m), but for the exact method.
    public static func test(
        _ first: SortedSample, _ second: SortedSample, alternative: Alternative = .twoSided,
        method: Method = .automatic, continuity: Bool = true
    ) -> TestResult? {
        guard !first.isEmpty, !second.isEmpty else { return nil }
        let n = Double(first.count)
        let m = Double(second.count)
        var j = 0
        var u = 0.0
        var tieTerm = 0.0
        SortedSample.forEachValue(first, second) { _, a, b in
            u += Double(a) * (Double(j) + Double(b) / 2)
            let t = Double(a + b)
            tieTerm += t * t * t - t
            j += b
        }
        let extreme: Double
        switch alternative {
        case .greater: extreme = u
        case .less: extreme = n * m - u
        case .twoSided: extreme = max(u, n * m - u)
        }
        let factor = alternative == .twoSided ? 2.0 : 1.0
        let steps = n * m * min(extreme, n * m - extreme)
        let isExact =
            method == .exact
            ? steps <= Double(exactStepsMax)
            : method == .automatic && min(first.count, second.count) <= 8 && tieTerm == 0
                && steps <= Double(exactStepsMax)
        if isExact {
            let tail = exactSurvival(Int(extreme), first.count, second.count)
            return TestResult(statistic: u, pValue: min(1, factor * tail))
        }
        let total = n + m
        let variance = n * m / 12 * (total + 1 - tieTerm / (total * (total - 1)))
        guard variance > 0 else { return TestResult(statistic: u, pValue: 1) }
        let z = (extreme - n * m / 2 - (continuity ? 0.5 : 0)) / variance.squareRoot()
        return TestResult(statistic: u, pValue: min(1, factor * NormalDistribution.survival(z)))
    }

    /// P(U ≥ u) without ties: shares of the orders carried from size to size (Mann and Whitney's recurrence), all terms positive.
    static func exactSurvival(_ u: Int, _ n: Int, _ m: Int) -> Double {
        // Symmetric about nm/2, so the short side is enough.
        let mirrored = n * m - u
        if u <= mirrored {
            return 1 - (u == 0 ? 0 : lowerSum(u - 1, min(n, m), max(n, m)))
        }
        return lowerSum(mirrored, min(n, m), max(n, m))
    }

    private static func lowerSum(_ u: Int, _ n: Int, _ m: Int) -> Double {
        // shares[i][x]: chance of U = x for i and j values, j growing.
        var shares = [[Double]](repeating: [Double](repeating: 0, count: u + 1), count: n + 1)
        for i in 0...n { shares[i][0] = 1 }
        for j in 1...m {
            for i in 1...n {
                let total = Double(i + j)
                let fromFirst = Double(i) / total
                let fromSecond = Double(j) / total
                for x in 0...u {
                    // The greatest of all is one of the first i (above all j) or one of the second.
                    let above = x >= j ? shares[i - 1][x - j] : 0
                    shares[i][x] = fromFirst * above + fromSecond * shares[i][x]
                }
            }
        }
        return shares[n].reduce(0, +)
    }

    /// The estimate of Hodges and Lehmann (1963): the median of all differences first - second, the shift that makes the samples
    /// alike.
    ///
    /// Exact without forming the nm differences: the ordered bit patterns of Double are bisected and pairs counted, 64 passes of
    /// O(n + m).
    ///
    /// - Returns: nil if either sample is empty or holds an infinity.
    public static func shift(_ first: SortedSample, _ second: SortedSample) -> Double? {
        guard areFinite(first, second) else { return nil }
        let pairs = first.count * second.count
        let low = difference((pairs - 1) / 2, first, second)
        return pairs.isMultiple(of: 2) ? low / 2 + difference(pairs / 2, first, second) / 2 : low
    }

    /// The distribution-free interval of that shift between two order statistics of the differences (Hollander and Wolfe 1999,
    /// 4.3), their rank by the normal approximation without continuity or tie correction; the method of Kayenta's judge.
    ///
    /// - Returns: nil if either sample is empty or holds an infinity. The whole range of differences where the samples are too small
    ///   for the confidence asked.
    public static func shiftInterval(
        _ first: SortedSample, _ second: SortedSample, confidence: Double = 0.95
    ) -> Interval? {
        guard areFinite(first, second) else { return nil }
        let n = Double(first.count)
        let m = Double(second.count)
        let z = NormalDistribution.inverseSurvival((1 - confidence) / 2)
        let rank = (n * m / 2 - z * (n * m * (n + m + 1) / 12).squareRoot()).rounded(.down)
        let index = max(0, Int(rank) - 1)
        return Interval(
            lower: difference(index, first, second),
            upper: difference(first.count * second.count - 1 - index, first, second))
    }

    /// The chance that a value of the first exceeds one of the second, ties counting half (common-language effect size, McGraw and
    /// Wong 1992): U / nm.
    public static func superiority(_ first: SortedSample, _ second: SortedSample) -> Double? {
        test(first, second, method: .normal).map { $0.statistic / (Double(first.count) * Double(second.count)) }
    }

    private static func areFinite(_ first: SortedSample, _ second: SortedSample) -> Bool {
        guard let a = first.values.first, let b = first.values.last, let c = second.values.first,
            let d = second.values.last
        else { return false }
        return a.isFinite && b.isFinite && c.isFinite && d.isFinite
    }

    /// The difference with `rank` smaller or equal ones before it.
    private static func difference(_ rank: Int, _ first: SortedSample, _ second: SortedSample) -> Double {
        let low = ordered(first.values[0] - second.values[second.count - 1])
        let high = ordered(first.values[first.count - 1] - second.values[0])
        var below = low
        var above = high
        while below < above {
            let middle = below + (above - below) / 2
            let bound = unordered(middle)
            if pairs(first, second, differingAtMost: bound) > rank { above = middle } else { below = middle + 1 }
        }
        return unordered(below)
    }

    private static func pairs(_ first: SortedSample, _ second: SortedSample, differingAtMost bound: Double) -> Int {
        var count = 0
        first.values.withUnsafeBufferPointer { a in
            second.values.withUnsafeBufferPointer { b in
                // As a grows, the least b with a - b ≤ bound grows.
                var start = 0
                for value in a {
                    while start < b.count, value - b[start] > bound { start += 1 }
                    count += b.count - start
                }
            }
        }
        return count
    }

    /// Doubles in ascending order as unsigned integers.
    private static func ordered(_ value: Double) -> UInt64 {
        value.bitPattern >> 63 == 0 ? value.bitPattern | 1 << 63 : ~value.bitPattern
    }

    private static func unordered(_ key: UInt64) -> Double {
        Double(bitPattern: key >> 63 == 1 ? key & ~(1 << 63) : ~key)
    }
}
