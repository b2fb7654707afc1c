/// The cumulative sum chart of Page (1954) for standardised values, its threshold calibrated to a run length: the expected number of
/// values until a false alarm.
///
/// S ← max(0, S + z - k) and alarm above h, for rises; likewise for falls. With z of mean 0 and deviation 1 the chart is the fastest at
/// finding a shift of 2k among all with its run length (Moustakides 1986). The run length is exact for independent normal z; heavier tails
/// and positive autocorrelation shorten it. O(1).
public struct CUSUM: DriftDetector, Hashable, Codable {
    /// Mean of the values without a change.
    public let mean: Double
    /// Their standard deviation, more than 0.
    public let deviation: Double
    /// The allowance k, half of the shift to be found, in deviations.
    public let allowance: Double
    /// The threshold h, in deviations.
    public let threshold: Double
    /// Falls of the mean count, too.
    public let isTwoSided: Bool

    /// The sums since the start or the last alarm.
    public private(set) var rise = 0.0
    public private(set) var fall = 0.0
    private var hasDrifted = false

    public init(
        mean: Double, deviation: Double, allowance: Double = 0.5, threshold: Double, isTwoSided: Bool = true
    ) {
        precondition(deviation > 0 && allowance >= 0 && threshold > 0, "deviation and threshold are more than 0")
        self.mean = mean
        self.deviation = deviation
        self.allowance = allowance
        self.threshold = threshold
        self.isTwoSided = isTwoSided
    }

    /// The chart that without a change runs for `runLength` values on average.
    ///
    /// - Parameter runLength: more than 2, up to 1e9; the threshold follows to seven digits or more.
    public init(
        mean: Double, deviation: Double, allowance: Double = 0.5, runLength: Double, isTwoSided: Bool = true
    ) {
        precondition(runLength > 2 && allowance > 0, "a run length is more than 2, an allowance more than 0")
        let target = Elementary.log(runLength)
        let threshold =
            RootFinding.decreasing(from: 2) { threshold in
                target
                    - Elementary.log(
                        Self.runLength(allowance: allowance, threshold: threshold, isTwoSided: isTwoSided))
            } ?? .infinity
        self.init(
            mean: mean, deviation: deviation, allowance: allowance, threshold: threshold, isTwoSided: isTwoSided)
    }

    @discardableResult
    public mutating func insert(_ value: Double) -> DriftSignal {
        if hasDrifted {
            rise = 0
            fall = 0
            hasDrifted = false
        }
        guard !value.isNaN else { return .none }
        let z = (value - mean) / deviation
        rise = max(0, rise + z - allowance)
        if isTwoSided { fall = max(0, fall - z - allowance) }
        hasDrifted = rise > threshold || fall > threshold
        return hasDrifted ? .drift : .none
    }

    /// The average run length for normal values whose mean has moved by `shift` deviations (0: until a false alarm).
    ///
    /// Page's integral equation by Nyström's method at Gauss-Legendre nodes (Goel and Wu 1971; Vance 1986), as `spc::xcusum.arl` in R; both
    /// sides together by 1/L = 1/L⁺ + 1/L⁻ (Kemp 1961).
    public static func runLength(
        allowance: Double, threshold: Double, shift: Double = 0, isTwoSided: Bool = true
    ) -> Double {
        let up = oneSidedRunLength(allowance - shift, threshold)
        guard isTwoSided else { return up }
        let down = oneSidedRunLength(allowance + shift, threshold)
        return 1 / (1 / up + 1 / down)
    }

    /// L(u) = 1 + L(0) Φ(k - u) + ∫₀ʰ L(y) φ(y + k - u) dy, from u = 0.
    private static func oneSidedRunLength(_ k: Double, _ h: Double) -> Double {
        // Nodes closer than a third of a deviation resolve the normal density to double precision.
        let rule = GaussLegendre(count: max(20, min(200, Int(8 * h) + 16)))
        let nodes = rule.nodes.map { h / 2 * ($0 + 1) }
        let weights = rule.weights.map { h / 2 * $0 }
        let order = nodes.count + 1
        // Unknowns: L(0), then L at the nodes.
        let points = [0] + nodes
        var system = LinearSystem(order: order)
        for i in 0..<order {
            system[i, 0] = (i == 0 ? 1 : 0) - NormalDistribution.cdf(k - points[i])
            for j in 1..<order {
                system[i, j] = (i == j ? 1 : 0) - weights[j - 1] * NormalDistribution.density(points[j] + k - points[i])
            }
            system.right[i] = 1
        }
        return system.solution()[0]
    }
}
