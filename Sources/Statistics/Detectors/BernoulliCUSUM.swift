/// The cumulative sum chart for a stream of failures 0/1, its threshold calibrated to an exact run length (Reynolds and Stoumbos 1999).
///
/// The likelihood ratio of a raised rate p₁ against p₀ adds a constant for a failure and takes one away for a success; with the nearest
/// ratio of whole numbers the sum lives on a lattice and its run length is that of a finite Markov chain, without any approximation. It is
/// what DDM and EDDM are used for, at a false-alarm rate that is known. O(1).
///
/// Input: 1 is a failure; anything else is none. Independent values.
public struct BernoulliCUSUM: DriftDetector, Hashable, Codable {
    /// Failure rate without a change.
    public let rate: Double
    /// Failure rate to be found fast.
    public let raisedRate: Double
    /// A failure adds `successesPerFailure` - 1, a success takes 1.
    public let successesPerFailure: Int
    /// An alarm when the sum reaches it.
    public let threshold: Int
    /// Expected number of values until a false alarm.
    public let runLength: Double

    public private(set) var sum = 0
    private var hasDrifted = false

    /// The largest threshold tried: the chain is solved in O(threshold × successesPerFailure).
    public static let thresholdMax = 20_000

    /// The chart with at least the run length asked for, and the least threshold that has it.
    ///
    /// - Parameters:
    ///   - rate: 0…1, without the ends.
    ///   - raisedRate: more than `rate`, less than 1.
    ///   - runLength: expected values until a false alarm.
    /// - Returns: nil outside these ranges, or where the threshold would exceed `thresholdMax`.
    public init?(rate: Double, raisedRate: Double, runLength: Double) {
        guard rate > 0, raisedRate > rate, raisedRate < 1, runLength >= 1, runLength.isFinite else { return nil }
        self.rate = rate
        self.raisedRate = raisedRate
        // Weights of failure and success in the log-likelihood ratio: their ratio, rounded, is the lattice.
        let success = -Elementary.log((1 - raisedRate) / (1 - rate))
        let total = Elementary.log(raisedRate * (1 - rate) / (rate * (1 - raisedRate)))
        let perFailure = max(2, Int((total / success).rounded()))
        successesPerFailure = perFailure
        var low = 1
        var high = perFailure
        while Self.runLength(rate: rate, successesPerFailure: perFailure, threshold: high) < runLength {
            low = high + 1
            high *= 2
            guard high <= Self.thresholdMax else { return nil }
        }
        while low < high {
            let middle = (low + high) / 2
            let length = Self.runLength(rate: rate, successesPerFailure: perFailure, threshold: middle)
            if length >= runLength { high = middle } else { low = middle + 1 }
        }
        threshold = low
        self.runLength = Self.runLength(rate: rate, successesPerFailure: perFailure, threshold: low)
    }

    @discardableResult
    public mutating func insert(_ value: Double) -> DriftSignal {
        if hasDrifted {
            sum = 0
            hasDrifted = false
        }
        guard !value.isNaN else { return .none }
        sum = max(0, sum + (value == 1 ? successesPerFailure - 1 : -1))
        hasDrifted = sum >= threshold
        return hasDrifted ? .drift : .none
    }

    /// Expected values until the sum, from 0, reaches the threshold at failure rate `rate`: the chain's linear system, exactly.
    ///
    /// L(s) = 1 + p L(s + m - 1) + (1 - p) L(max(0, s - 1)), L = 0 at the threshold and beyond. Eliminated from the top down, each state
    /// in terms of the one below: O(threshold × m) time.
    public static func runLength(rate p: Double, successesPerFailure m: Int, threshold: Int) -> Double {
        // Each L(s) = constant[s] + slope[s] L(s - 1). With s + m - 1 expanded down to s, L(s + m - 1) = c + d L(s).
        var constant = [Double](repeating: 0, count: threshold)
        var slope = [Double](repeating: 0, count: threshold)
        for s in stride(from: threshold - 1, through: 0, by: -1) {
            var c = 0.0
            var d = 0.0
            if s + m - 1 < threshold {
                d = 1
                for state in stride(from: s + m - 1, to: s, by: -1) {
                    c += d * constant[state]
                    d *= slope[state]
                }
            }
            // State 0 falls back on itself.
            let denominator = s == 0 ? 1 - p * d - (1 - p) : 1 - p * d
            constant[s] = (1 + p * c) / denominator
            slope[s] = (1 - p) / denominator
        }
        return constant[0]
    }
}
