/// HDDM_A: Hoeffding's bound on the difference between the mean up to a cut point and the mean of all (Frías-Blanco and others 2014),
/// with the rules and defaults of river 0.26. The cut point is where the upper bound of the mean was least. O(1).
///
/// Input: 0…1, usually 1 for an error.
public struct HDDMA: DriftDetector, Hashable, Codable {
    /// The chance of a false alarm that one comparison allows, 0…1; also of the cut point's bound.
    public let driftConfidence: Double
    public let warningConfidence: Double
    /// Falls of the mean count, too.
    public let isTwoSided: Bool

    private var all = RunningMean()
    private var lowest = RunningMean()
    private var highest = RunningMean()
    private var signal = DriftSignal.none

    public init(driftConfidence: Double = 0.001, warningConfidence: Double = 0.005, isTwoSided: Bool = false) {
        self.driftConfidence = driftConfidence
        self.warningConfidence = warningConfidence
        self.isTwoSided = isTwoSided
    }

    @discardableResult
    public mutating func insert(_ value: Double) -> DriftSignal {
        if signal == .drift {
            self = HDDMA(
                driftConfidence: driftConfidence, warningConfidence: warningConfidence, isTwoSided: isTwoSided)
        }
        guard !value.isNaN else { return signal }
        all.insert(value)
        if lowest.count == 0 { lowest = all }
        if highest.count == 0 { highest = all }
        let bound = hoeffding(all.count)
        if lowest.mean + hoeffding(lowest.count) >= all.mean + bound { lowest = all }
        if highest.mean - hoeffding(highest.count) <= all.mean - bound { highest = all }
        signal = .none
        if hasRisen(driftConfidence) {
            signal = .drift
        } else if hasRisen(warningConfidence) {
            signal = .warning
        }
        if isTwoSided {
            if hasFallen(driftConfidence) {
                signal = .drift
            } else if signal == .none, hasFallen(warningConfidence) {
                signal = .warning
            }
        }
        return signal
    }

    private func hoeffding(_ count: Int) -> Double {
        (1 / (2 * Double(count)) * Elementary.log(1 / driftConfidence)).squareRoot()
    }

    private func hasRisen(_ confidence: Double) -> Bool {
        lowest.count != all.count && all.mean - lowest.mean >= bound(lowest, confidence)
    }

    private func hasFallen(_ confidence: Double) -> Bool {
        highest.count != all.count && highest.mean - all.mean >= bound(highest, confidence)
    }

    private func bound(_ cut: RunningMean, _ confidence: Double) -> Double {
        let n = Double(all.count)
        let scale = (n - Double(cut.count)) / Double(cut.count) * (1 / n)
        return (scale / 2 * Elementary.log(2 / confidence)).squareRoot()
    }

    private struct RunningMean: Hashable, Codable, Sendable {
        var count = 0
        var mean = 0.0

        mutating func insert(_ value: Double) {
            count += 1
            mean += 1 / Double(count) * (value - mean)
        }
    }
}
