/// The k-sample Anderson-Darling test of Scholz and Stephens (1987): the distance between distribution functions with weight in the
/// tails. `scipy.stats.anderson_ksamp`.
///
/// SciPy interpolates p from a table of seven critical values and clips it to 0.001…0.25. Here it is the limiting distribution
/// itself, without clipping, at the statistic standardised as in the paper. That limit, and SciPy's table, are those of continuous data:
/// with few distinct values they reject too often (at 10 %, 13 % of samples of a six-valued distribution), so take `permutationTest` or
/// chi-square there.
public enum AndersonDarling {
    /// The mid-rank version, for continuous and discrete data; O(N log N). NaN is left out.
    ///
    /// - Returns: the statistic (A² - (k - 1)) / σ_N as SciPy's, and p; nil with fewer than two samples, an empty sample, fewer than five
    ///   values or only one distinct value.
    public static func test(_ samples: [[Double]]) -> TestResult? {
        test(samples.map { SortedSample($0) })
    }

    /// For samples that are sorted already: O(kN).
    public static func test(_ samples: [SortedSample]) -> TestResult? {
        let total = samples.reduce(0) { $0 + $1.count }
        guard samples.count > 1, total > 4, samples.allSatisfy({ !$0.isEmpty }) else { return nil }
        guard let raw = midrankStatistic(samples, total) else { return nil }
        let degrees = Double(samples.count - 1)
        let statistic = (raw - degrees) / variance(samples.map(\.count), total).squareRoot()
        // The limit has mean k - 1 and this variance.
        let limitVariance = 2 * (Double.pi * Double.pi / 3 - 3) * degrees
        let limit = degrees + statistic * limitVariance.squareRoot()
        return TestResult(statistic: statistic, pValue: limitingSurvival(limit, samples: samples.count))
    }

    /// The same statistic with its p-value among random regroupings of all values: right at any sizes and with any ties, as
    /// `anderson_ksamp(method=PermutationMethod())`. O(replicates × N log N).
    ///
    /// - Parameters:
    ///   - replicates: regroupings drawn, 1 or more; p is at least 1 / (replicates + 1).
    ///   - seed: equal seeds give equal p-values.
    /// - Returns: nil where `test` is.
    public static func permutationTest(_ samples: [[Double]], replicates: Int = 999, seed: UInt64 = 1) -> TestResult? {
        precondition(replicates >= 1, "at least one regrouping")
        let numbers = samples.map { $0.filter { !$0.isNaN } }
        guard let observed = test(numbers) else { return nil }
        let counts = numbers.map(\.count)
        let total = counts.reduce(0, +)
        var pooled = numbers.flatMap { $0 }
        var random = SplitMix64(seed: seed)
        // Sizes stay, so the raw statistic orders regroupings as the standardised one does.
        let raw = midrankStatistic(numbers.map { SortedSample($0) }, total) ?? 0
        var asExtreme = 1
        for _ in 0..<replicates {
            pooled.shuffle(using: &random)
            var start = 0
            let regrouped = counts.map { count in
                defer { start += count }
                return SortedSample(Array(pooled[start..<(start + count)]))
            }
            // Equal up to rounding counts as equal.
            if (midrankStatistic(regrouped, total) ?? 0) >= raw * (1 - 1e-12) { asExtreme += 1 }
        }
        return TestResult(statistic: observed.statistic, pValue: Double(asExtreme) / Double(replicates + 1))
    }

    /// P(A² > x) for k samples in the limit of infinite sizes: the chance that k - 1 independent one-sample A² together exceed x.
    ///
    /// By inversion of the characteristic function [-2πit / cos(½π√(1 + 8it))]^((k-1)/2) (Anderson and Darling 1952) after Gil-Pelaez
    /// (1951). The midpoint rule errs by the chance of values beyond 2π / step, so the absolute error is near 1e-14; smaller tails
    /// are not resolved.
    public static func limitingSurvival(_ x: Double, samples: Int) -> Double {
        let degrees = Double(samples - 1)
        guard x > 0 else { return 1 }
        // P(Q > x) = ½ + 1/π ∫ Im(e^(-itx) φ(t)) / t dt; φ falls like exp(-½π√t).
        var sum = 0.0
        let step = 2 * Double.pi / (2 * x + 80 + 8 * degrees)
        var t = step / 2
        while t < 2_000 {
            let (magnitude, phase) = characteristic(t, degrees)
            sum += magnitude * Elementary.sine(phase - t * x) / t * step
            if magnitude < 1e-16 { break }
            t += step
        }
        return min(1, max(0, 0.5 + sum / Double.pi))
    }

    /// Magnitude and continuous phase of the characteristic function at t > 0, from its product over the eigenvalues 1/(j(j + 1)).
    private static func characteristic(_ t: Double, _ degrees: Double) -> (magnitude: Double, phase: Double) {
        // √(1 + 8it) = p + iq, and cos(½π(p + iq)) = cos cosh - i sin sinh.
        let modulus = (1 + 64 * t * t).squareRoot()
        let p = ((modulus + 1) / 2).squareRoot()
        let q = ((modulus - 1) / 2).squareRoot()
        let u = Double.pi / 2 * p
        let v = Double.pi / 2 * q
        // ln|cos|: cosh and sinh divided by e^v so that large arguments do not overflow.
        let decay = Elementary.exp(-2 * v)
        let real = Elementary.cosine(u) * (1 + decay) / 2
        let imaginary = -Elementary.sine(u) * (1 - decay) / 2
        let logModulus = Elementary.log(real * real + imaginary * imaginary) / 2 + v
        let magnitude = Elementary.exp(degrees / 2 * (Elementary.log(2 * Double.pi * t) - logModulus))
        // The argument of the cosine runs down without bound as u grows: unwrapped by counting half turns of u.
        let argument = Elementary.arctangent(imaginary, real)
        let expected = -u
        let turns = ((expected - argument) / (2 * Double.pi)).rounded()
        return (magnitude, degrees / 2 * (-Double.pi / 2 - (argument + 2 * Double.pi * turns)))
    }

    private static func midrankStatistic(_ samples: [SortedSample], _ total: Int) -> Double? {
        let n = Double(total)
        var positions = [Int](repeating: 0, count: samples.count)
        var ties = [Int](repeating: 0, count: samples.count)
        var sums = [Double](repeating: 0, count: samples.count)
        var before = 0
        var distinct = 0
        while before < total {
            var value = Double.infinity
            for (index, sample) in samples.enumerated() where positions[index] < sample.count {
                value = min(value, sample.values[positions[index]])
            }
            var count = 0
            for (index, sample) in samples.enumerated() {
                var end = positions[index]
                while end < sample.count, sample.values[end] == value { end += 1 }
                ties[index] = end - positions[index]
                count += ties[index]
            }
            let l = Double(count)
            let b = Double(before) + l / 2
            let scale = l / n / (b * (n - b) - n * l / 4)
            for index in samples.indices {
                let m = Double(positions[index]) + Double(ties[index]) / 2
                let gap = n * m - b * Double(samples[index].count)
                sums[index] += scale * gap * gap
                positions[index] += ties[index]
            }
            before += count
            distinct += 1
        }
        guard distinct > 1 else { return nil }
        let raw = zip(sums, samples).reduce(0) { $0 + $1.0 / Double($1.1.count) }
        return raw * (n - 1) / n
    }

    /// σ²_N of the paper's equation 4.
    private static func variance(_ counts: [Int], _ total: Int) -> Double {
        let n = Double(total)
        let k = Double(counts.count)
        let reciprocals = counts.reduce(0) { $0 + 1 / Double($1) }
        var h = 0.0
        var g = 0.0
        for i in stride(from: total - 1, to: 1, by: -1) {
            h += 1 / Double(i)
            g += h / Double(total - i + 1)
        }
        h += 1
        let a = (4 * g - 6) * (k - 1) + (10 - 6 * g) * reciprocals
        let b = (2 * g - 4) * k * k + 8 * h * k + (2 * g - 14 * h - 4) * reciprocals - 8 * h + 4 * g - 6
        let c = (6 * h + 2 * g - 2) * k * k + (4 * h - 4 * g + 6) * k + (2 * h - 6) * reciprocals + 4 * h
        let d = (2 * h + 6) * k * k - 4 * h * k
        return (a * n * n * n + b * n * n + c * n + d) / ((n - 1) * (n - 2) * (n - 3))
    }
}
