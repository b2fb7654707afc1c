/// The two-sample Cramér-von Mises test (Anderson 1962): the mean squared distance between two distribution functions.
/// `scipy.stats.cramervonmises_2samp`, which it equals where no values tie.
public enum CramerVonMises {
    /// What tied values count.
    public enum Ties: Sendable, Hashable {
        /// The definition: nm/N² times the sum of (F - G)² over all N values. Conservative with ties.
        case distribution
        /// SciPy's: mid-ranks against untied positions. With many ties the statistic grows without a change (4,388 for two samples of one
        /// six-valued distribution, 100,000 and 5,000 values), so this is for comparison only.
        case midranks
    }

    /// How the p-value is found.
    public enum Method: Sendable, Hashable {
        /// The limit for infinite samples, with Anderson's correction of mean and variance.
        case limiting
        /// All orders counted (Xiao, Gordon and Yakovlev 2006); time and memory grow fast, so beyond `exactTotalMax` values in all the limit.
        case exact
        /// Exact while both samples have at most 20 values, as in SciPy.
        case automatic
    }

    public static let exactSampleMax = 20
    /// Above so many values in both samples even `exact` gives way: some seconds of counting.
    public static let exactTotalMax = 60

    /// O(n log n + m log m). NaN is left out.
    ///
    /// - Returns: nil if either sample has fewer than two values.
    public static func test(
        _ first: [Double], _ second: [Double], method: Method = .automatic, ties: Ties = .distribution
    ) -> TestResult? {
        test(SortedSample(first), SortedSample(second), method: method, ties: ties)
    }

    /// For samples that are sorted already: O(n + m).
    ///
    /// - Returns: nil if either sample has fewer than two values.
    public static func test(
        _ first: SortedSample, _ second: SortedSample, method: Method = .automatic, ties: Ties = .distribution
    ) -> TestResult? {
        guard first.count > 1, second.count > 1 else { return nil }
        let n = Double(first.count)
        let m = Double(second.count)
        let product = n * m
        let total = n + m
        let statistic = statistic(first, second, ties)
        let isExact =
            method == .exact
            ? first.count + second.count <= exactTotalMax
            : method == .automatic && max(first.count, second.count) <= exactSampleMax
        if isExact {
            // Anderson's U of this statistic.
            let u = product * total * (statistic + (4 * product - 1) / (6 * total))
            return TestResult(statistic: statistic, pValue: exactPValue(u, first.count, second.count))
        }
        let mean = (1 + 1 / total) / 6
        let variance =
            (total + 1) * (4 * product * total - 3 * (n * n + m * m) - 2 * product)
            / (45 * total * total * 4 * product)
        let standardized = 1.0 / 6 + (statistic - mean) / (45 * variance).squareRoot()
        return TestResult(statistic: statistic, pValue: limitingSurvival(standardized))
    }

    private static func statistic(_ first: SortedSample, _ second: SortedSample, _ ties: Ties) -> Double {
        let n = Double(first.count)
        let m = Double(second.count)
        var i = 0
        var j = 0
        var sum = 0.0
        switch ties {
        case .distribution:
            SortedSample.forEachValue(first, second) { _, a, b in
                i += a
                j += b
                let gap = Double(i) / n - Double(j) / m
                sum += Double(a + b) * gap * gap
            }
            return sum * n / (n + m) * (m / (n + m))
        case .midranks:
            SortedSample.forEachValue(first, second) { _, a, b in
                let middle = Double(i + j) + Double(a + b + 1) / 2
                sum += n * squares(middle - Double(i), a) + m * squares(middle - Double(j), b)
                i += a
                j += b
            }
            return sum / (n * m * (n + m)) - (4 * n * m - 1) / (6 * (n + m))
        }
    }

    /// P(ω² > x) in the limit of infinite samples.
    ///
    /// For small x from the series of Anderson and Darling (1952; Csörgő and Faraway 1996, 1.2), for others by Smirnov's integral, whose
    /// terms are the tail itself, so that small p-values keep about ten digits where SciPy's difference from 1 has none.
    public static func limitingSurvival(_ x: Double) -> Double {
        // Below it the probability differs from 1 by less than 1e-17.
        if x < 0.003 { return 1 }
        if x > 0.5 { return tail(x) }
        var sum = 0.0
        for k in 0..<100 {
            let k = Double(k)
            let scale =
                Elementary.exp(Elementary.logGamma(k + 0.5) - Elementary.logGamma(k + 1))
                / (Elementary.power(.pi, 1.5) * x.squareRoot())
            let y = 4 * k + 1
            let q = y * y / (16 * x)
            let term = scale * y.squareRoot() * Elementary.exp(-2 * q) * SpecialFunctions.scaledBesselK(0.25, q)
            sum += term
            if term < 1e-18 { break }
        }
        return min(1, max(0, 1 - sum))
    }

    /// Smirnov (1936): P = 2/π Σ (-1)^(j+1) ∫ exp(-x s²/2) / √(-s sin s) ds over s from (2j - 1)π to 2jπ.
    private static func tail(_ x: Double) -> Double {
        // With s = (2j - ½)π + ½π sin θ the ends' singularities cancel and the trapezoidal rule converges geometrically.
        let nodes = 200
        var total = 0.0
        for j in 1...6 {
            var sum = 0.0
            for node in 0..<nodes {
                let theta = Double.pi * ((Double(node) + 0.5) / Double(nodes) - 0.5)
                let offset = Double.pi / 2 * Elementary.sine(theta)
                let s = (2 * Double(j) - 0.5) * Double.pi + offset
                let weight = Double.pi / 2 * Elementary.cosine(theta) / (s * Elementary.cosine(offset)).squareRoot()
                sum += Elementary.exp(-x * s * s / 2) * weight
            }
            let part = sum * Double.pi / Double(nodes)
            total += j.isMultiple(of: 2) ? -part : part
            if part < 1e-17 * abs(total) { break }
        }
        return min(1, max(0, 2 / Double.pi * total))
    }

    /// Σ (d - q)² over q = 1…count.
    private static func squares(_ d: Double, _ count: Int) -> Double {
        var sum = 0.0
        for q in 0..<count { sum += (d - Double(q + 1)) * (d - Double(q + 1)) }
        return sum
    }

    private static func exactPValue(_ u: Double, _ n: Int, _ m: Int) -> Double {
        let multiple = lowestCommonMultiple(n, m)
        let a = multiple / n
        let b = multiple / m
        let product = Double(n * m)
        // Anderson's U in the integer scale of Xiao et al.
        let scaled = Double(multiple * multiple * (n + m)) * (6 * u - product * (4 * product - 1))
        let threshold = Int((scaled / (6 * product * product) + 1e-9).rounded(.down))
        // Frequencies of the sum of squared distances over all paths to (u, v), row by row; shares, so that nothing overflows.
        var row = [[Int: Double]](repeating: [:], count: n + 1)
        row[0] = [0: 1]
        for j in 0...m {
            for i in 0...n {
                var merged: [Int: Double] = [:]
                let distance = (a * i - b * j) * (a * i - b * j)
                if i == 0, j == 0 {
                    merged = [0: 1]
                } else {
                    let steps = Double(i + j)
                    if j > 0 { for (sum, share) in row[i] { merged[sum + distance] = share * Double(j) / steps } }
                    if i > 0 {
                        for (sum, share) in row[i - 1] {
                            merged[sum + distance, default: 0] += share * Double(i) / steps
                        }
                    }
                }
                row[i] = merged
            }
        }
        let tail = row[n].filter { $0.key >= threshold }.sorted { $0.value < $1.value }
        return min(1, tail.reduce(0) { $0 + $1.value })
    }

    private static func lowestCommonMultiple(_ a: Int, _ b: Int) -> Int {
        var (x, y) = (a, b)
        while y != 0 { (x, y) = (y, x % y) }
        return a / x * b
    }
}
