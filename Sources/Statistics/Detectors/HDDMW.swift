/// HDDM_W: McDiarmid's bound on the difference of two exponentially weighted means, before and after a cut point (Frías-Blanco and
/// others 2014), with the rules and defaults of river 0.26. O(1).
///
/// Input: 0…1, usually 1 for an error.
public struct HDDMW: DriftDetector, Hashable, Codable {
    /// The chance of a false alarm that one comparison allows, 0…1; also of the cut point's bound.
    public let driftConfidence: Double
    public let warningConfidence: Double
    /// The weight of the newest value, 0…1.
    public let lambda: Double
    /// Falls of the mean count, too.
    public let isTwoSided: Bool

    private var all: WeightedMean
    private var beforeRise: WeightedMean
    private var afterRise: WeightedMean
    private var beforeFall: WeightedMean
    private var afterFall: WeightedMean
    private var riseCut: Double?
    private var fallCut: Double?
    private var signal = DriftSignal.none

    public init(
        driftConfidence: Double = 0.001, warningConfidence: Double = 0.005, lambda: Double = 0.05,
        isTwoSided: Bool = false
    ) {
        self.driftConfidence = driftConfidence
        self.warningConfidence = warningConfidence
        self.lambda = lambda
        self.isTwoSided = isTwoSided
        all = WeightedMean()
        beforeRise = WeightedMean()
        afterRise = WeightedMean()
        beforeFall = WeightedMean()
        afterFall = WeightedMean()
    }

    @discardableResult
    public mutating func insert(_ value: Double) -> DriftSignal {
        if signal == .drift {
            self = HDDMW(
                driftConfidence: driftConfidence, warningConfidence: warningConfidence, lambda: lambda,
                isTwoSided: isTwoSided)
        }
        guard !value.isNaN else { return signal }
        all.insert(value, lambda)
        let bound = mcDiarmid(all.bound, driftConfidence)
        if riseCut.map({ all.mean + bound < $0 }) ?? true {
            riseCut = all.mean + bound
            beforeRise = all
            afterRise = WeightedMean()
        } else {
            afterRise.insert(value, lambda)
        }
        signal = .none
        if hasRisen(beforeRise, afterRise, driftConfidence) {
            signal = .drift
        } else if hasRisen(beforeRise, afterRise, warningConfidence) {
            signal = .warning
        }
        if fallCut.map({ all.mean - bound > $0 }) ?? true {
            fallCut = all.mean - bound
            beforeFall = all
            afterFall = WeightedMean()
        } else {
            afterFall.insert(value, lambda)
        }
        if isTwoSided {
            if hasRisen(afterFall, beforeFall, driftConfidence) {
                signal = .drift
            } else if signal == .none, hasRisen(afterFall, beforeFall, warningConfidence) {
                signal = .warning
            }
        }
        return signal
    }

    private func mcDiarmid(_ bound: Double, _ confidence: Double) -> Double {
        (bound * Elementary.log(1 / confidence) / 2).squareRoot()
    }

    private func hasRisen(_ before: WeightedMean, _ after: WeightedMean, _ confidence: Double) -> Bool {
        guard before.hasValues, after.hasValues else { return false }
        return after.mean - before.mean > mcDiarmid(before.bound + after.bound, confidence)
    }

    private struct WeightedMean: Hashable, Codable, Sendable {
        var mean = 0.0
        var hasValues = false
        /// Sum of the squared weights, 1 before the first value as in the paper's recursion.
        var bound = 1.0

        mutating func insert(_ value: Double, _ lambda: Double) {
            mean = hasValues ? lambda * value + (1 - lambda) * mean : value
            hasValues = true
            bound = lambda * lambda + (1 - lambda) * (1 - lambda) * bound
        }
    }
}
