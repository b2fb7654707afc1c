/// Sequential inference for one proportion: e-values, always-valid p-values and a confidence sequence from a beta mixture of likelihood
/// ratios (Ville 1939; Robbins 1970; Howard, Ramdas, McAuliffe and Sekhon 2021, section 3). Exact for independent trials; O(1) a trial.
///
/// The prior decides where the evidence is strongest, not whether it is valid: the default Beta(½, ½) favours nothing, a prior with its mass
/// near the suspected rate finds that rate sooner.
public struct ProportionSequence: Sendable, Hashable, Codable {
    /// What is held against "the proportion is p₀".
    public enum Side: String, Sendable, Hashable, Codable {
        case twoSided
        /// The proportion exceeds p₀; valid for every proportion up to it.
        case greater
        /// The proportion is below p₀; valid for every proportion from it upwards.
        case less
    }

    /// Of the beta prior, more than 0.
    public let priorSuccesses: Double
    public let priorFailures: Double
    public private(set) var successes = 0
    public private(set) var trials = 0

    public init(priorSuccesses: Double = 0.5, priorFailures: Double = 0.5) {
        precondition(priorSuccesses > 0 && priorFailures > 0, "a beta prior's parameters are more than 0")
        self.priorSuccesses = priorSuccesses
        self.priorFailures = priorFailures
    }

    public mutating func insert(_ isSuccess: Bool) { insert(successes: isSuccess ? 1 : 0, of: 1) }

    /// Adds counts; between them nothing was looked at.
    public mutating func insert(successes: Int, of trials: Int) {
        precondition((0...max(0, trials)).contains(successes), "as many successes as trials at most")
        self.successes += successes
        self.trials += trials
    }

    /// The logarithm of the e-value against "the proportion is `probability`".
    ///
    /// One-sided, the prior is cut at `probability`. Such a mixture of likelihood ratios is a supermartingale for the whole null side, since each
    /// ratio rises in the number of successes (falls, for `less`).
    ///
    /// - Parameter probability: 0…1.
    /// - Returns: +∞ where the data are impossible under it.
    public func logEValue(against probability: Double, side: Side = .twoSided) -> Double {
        let failures = Double(trials - successes)
        let s = Double(successes)
        let null =
            (s > 0 ? s * Elementary.log(probability) : 0)
            + (failures > 0 ? failures * Elementary.logOnePlus(-probability) : 0)
        let a = priorSuccesses + s
        let b = priorFailures + failures
        var mixture = Self.logBeta(a, b) - Self.logBeta(priorSuccesses, priorFailures)
        switch side {
        case .twoSided: break
        case .greater:
            mixture += Self.logUpper(a, b, probability) - Self.logUpper(priorSuccesses, priorFailures, probability)
        case .less:
            mixture +=
                Self.logUpper(b, a, 1 - probability) - Self.logUpper(priorFailures, priorSuccesses, 1 - probability)
        }
        return mixture - null
    }

    /// The evidence against one value, as an e-process.
    public func evidence(against probability: Double, side: Side = .twoSided) -> Evidence {
        Evidence(logEValue: logEValue(against: probability, side: side))
    }

    public struct Evidence: EProcess, Hashable {
        public let logEValue: Double
    }

    /// The interval that covers the true proportion at all times at once with at least this confidence; it need not shrink with every trial, and
    /// the intersection of all so far is valid, too.
    ///
    /// - Returns: 0…1 without trials.
    public func interval(confidence: Double = 0.95) -> Interval {
        guard trials > 0 else { return Interval(lower: 0, upper: 1) }
        let limit = -Elementary.log(1 - confidence)
        let center = Double(successes) / Double(trials)
        let lower =
            successes == 0
            ? 0 : RootFinding.brent(Double.leastNormalMagnitude, center) { logEValue(against: $0) - limit } ?? 0
        let upper =
            successes == trials
            ? 1 : RootFinding.brent(center, 1 - Double.ulpOfOne / 2) { logEValue(against: $0) - limit } ?? 1
        return Interval(lower: lower, upper: upper)
    }

    static func logBeta(_ a: Double, _ b: Double) -> Double {
        Elementary.logGamma(a) + Elementary.logGamma(b) - Elementary.logGamma(a + b)
    }

    /// ln P(Beta(a, b) > x).
    private static func logUpper(_ a: Double, _ b: Double, _ x: Double) -> Double {
        let upper = SpecialFunctions.incompleteBetaComplement(a, b, x)
        if upper > 1e-290 { return Elementary.log(upper) }
        // Below the range of Double the tail is bounded from below by its first term (DLMF 8.17.8), so the evidence stays valid.
        return b * Elementary.logOnePlus(-x) + a * Elementary.log(x) - Elementary.log(b) - logBeta(a, b)
    }
}
