/// The distribution of Kolmogorov's D for n observations of a continuous distribution; `scipy.stats.kstwo`.
///
/// The choice of method follows Simard and L'Ecuyer, "Computing the two-sided Kolmogorov-Smirnov distribution" (2011): Durbin's matrix
/// as in Marsaglia, Tsang and Wang (2003) for small samples and small distances, twice Smirnov's one-sided distribution in the upper
/// tail, the expansion of Pelz and Good (1976) between them. Exact to about 13 digits for n ≤ 140, to 5 digits or more beyond.
public struct KolmogorovDistribution: Sendable, Hashable {
    /// The largest matrix method: m³ log n operations.
    private static let matrixSampleMax = 100_000
    /// Beyond it Smirnov's sum has too many terms; its limit with the correction of Maag and Dicaire (1971) takes over.
    private static let smirnovSampleMax = 1_000_000

    /// 1 or more.
    public let sampleSize: Int

    public init(sampleSize: Int) {
        precondition(sampleSize >= 1, "at least one observation")
        self.sampleSize = sampleSize
    }

    /// P(D > d).
    public func survival(_ d: Double) -> Double {
        let n = Double(sampleSize)
        if d >= 1 { return 0 }
        let t = n * d
        if t <= 0.5 { return 1 }
        // Ruben and Gambino (1982): closed forms at both ends.
        if t <= 1 {
            var probability = 1.0
            for i in 1...sampleSize {
                probability *= Double(i) / n * (2 * t - 1)
                if probability == 0 { break }
            }
            return 1 - probability
        }
        if t >= n - 1 { return 2 * Elementary.power(1 - d, n) }
        let square = t * d
        if d >= 0.5 || square >= (sampleSize <= 140 ? 4 : 2.2) {
            return square >= 370 ? 0 : min(1, 2 * smirnovSurvival(d))
        }
        if sampleSize <= 140 || (sampleSize <= Self.matrixSampleMax && n * d * d.squareRoot() <= 1.4) {
            return min(1, max(0, 1 - durbin(d)))
        }
        return min(1, max(0, 1 - pelzGood(d)))
    }

    /// P(D⁺ ≥ d), the one-sided distribution of Smirnov (1944); `scipy.special.smirnov`.
    public func smirnovSurvival(_ d: Double) -> Double {
        let n = Double(sampleSize)
        if d <= 0 { return 1 }
        if d >= 1 { return 0 }
        if sampleSize > Self.smirnovSampleMax {
            let corrected = 6 * n * d + 1
            return Elementary.exp(-corrected * corrected / (18 * n))
        }
        // Σ d/(d + v/n) Bin(v; n, d + v/n): all terms positive.
        var sum = 0.0
        for v in 0...Int((n * (1 - d)).rounded(.down)) {
            let share = d + Double(v) / n
            let rest = 1 - share
            guard rest >= 0 else { break }
            sum += d / share * SaddlePoint.binomial(Double(v), n, share, rest)
        }
        return min(1, sum)
    }

    /// P(D ≤ d) as an entry of a power of Durbin's matrix.
    private func durbin(_ d: Double) -> Double {
        let n = sampleSize
        let k = Int(Double(n) * d) + 1
        let m = 2 * k - 1
        let h = Double(k) - Double(n) * d
        var matrix = SquareMatrix(order: m)
        for i in 0..<m {
            for j in 0..<m where i - j + 1 >= 0 { matrix[i, j] = 1 }
        }
        for i in 0..<m {
            matrix[i, 0] -= Elementary.power(h, Double(i + 1))
            matrix[m - 1, i] -= Elementary.power(h, Double(m - i))
        }
        if 2 * h - 1 > 0 { matrix[m - 1, 0] += Elementary.power(2 * h - 1, Double(m)) }
        for i in 0..<m {
            for j in 0..<m where i - j + 1 > 0 {
                for g in 1...(i - j + 1) { matrix[i, j] /= Double(g) }
            }
        }
        let (power, exponent) = matrix.power(n)
        var result = power[k - 1, k - 1]
        var scale = exponent
        for i in 1...n {
            result *= Double(i) / Double(n)
            if result < 1e-140 {
                result *= 1e140
                scale -= 140
            }
        }
        return result * Elementary.power(10, Double(scale))
    }

    /// P(D ≤ d) by Pelz and Good's expansion in 1/√n, in the form for small arguments.
    private func pelzGood(_ d: Double) -> Double {
        let n = Double(sampleSize)
        let z = n.squareRoot() * d
        let z2 = z * z
        let z4 = z2 * z2
        let z6 = z4 * z2
        let pi2 = Double.pi * Double.pi
        let pi4 = pi2 * pi2
        // exp(-π²/8z²) underflows.
        guard -pi2 / 8 / z2 > -708 else { return 0 }
        var k0 = 0.0
        var k1 = 0.0
        var k2 = 0.0
        var k3 = 0.0
        let last = Int((16 * z / Double.pi).rounded(.up))
        for k in 1...last {
            let odd = Double(2 * k - 1)
            let o2 = odd * odd
            let o4 = o2 * o2
            let weight = Elementary.exp(-pi2 / 8 / z2 * o2)
            k0 += weight
            k1 += weight * (-z2 + pi2 / 4 * o2)
            k2 += weight * (6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * pi2 / 4 * o2 + pi4 * (1 - 2 * z2) / 16 * o4)
            k3 +=
                weight
                * (-30 * z6 - 90 * z4 * z4 + pi2 * (135 * z4 - 96 * z6) / 4 * o2
                    + pi4 * (-60 * z2 + 212 * z4) / 16 * o4 + pi4 * pi2 * (5 - 30 * z2) / 64 * o4 * o2)
        }
        var extra2 = 0.0
        var extra3 = 0.0
        for k in 1...last {
            let square = Double(k * k)
            let weight = Elementary.exp(-pi2 / 2 / z2 * square)
            extra2 += square * weight
            extra3 += (3 * z2 - pi2 * square) * square * weight
        }
        let root = (2 * Double.pi).squareRoot()
        k0 *= root / z
        k1 *= root / (6 * z4)
        k2 = root * (k2 / (72 * z6 * z) - pi2 * extra2 / (36 * z2 * z))
        k3 = root * (k3 / (6480 * z6 * z4) + pi2 * extra3 / (216 * z6))
        return k0 + k1 / n.squareRoot() + k2 / n + k3 / (n * n.squareRoot())
    }
}

/// A dense matrix whose powers carry a decimal exponent, since their entries leave the range of Double.
private struct SquareMatrix {
    let order: Int
    private var entries: [Double]

    init(order: Int) {
        self.order = order
        entries = [Double](repeating: 0, count: order * order)
    }

    subscript(_ i: Int, _ j: Int) -> Double {
        get { entries[i * order + j] }
        set { entries[i * order + j] = newValue }
    }

    func times(_ other: SquareMatrix) -> SquareMatrix {
        var product = SquareMatrix(order: order)
        for i in 0..<order {
            for k in 0..<order where self[i, k] != 0 {
                let factor = self[i, k]
                for j in 0..<order { product.entries[i * order + j] += factor * other.entries[k * order + j] }
            }
        }
        return product
    }

    /// The matrix to the n-th power, divided by ten to the exponent.
    func power(_ n: Int) -> (SquareMatrix, exponent: Int) {
        if n == 1 { return (self, 0) }
        let (half, halfExponent) = power(n / 2)
        var result = half.times(half)
        var exponent = 2 * halfExponent
        if !n.isMultiple(of: 2) { result = times(result) }
        if result[order / 2, order / 2] > 1e140 {
            for index in result.entries.indices { result.entries[index] *= 1e-140 }
            exponent += 140
        }
        return (result, exponent)
    }
}
