/// The drift detection method of Gama, Medas, Castillo and Rodrigues (SBIA 2004), with the rules and defaults of river 0.26: the error
/// rate against its own best.
///
/// An alarm when p + s exceeds p_min + 3 s_min, where p is the error rate so far, s = √(p(1 - p)/n), and the minima are of p + s. It does
/// not keep a false-alarm rate: over 5,000 stationary values it alarms on some 40 % of streams, and a stream without an error in its
/// warm-up alarms at the first one. `BernoulliCUSUM` keeps one. O(1).
///
/// Input: 1 is an error, 0 none.
public struct DDM: DriftDetector, Hashable, Codable {
    /// Values before the first judgement.
    public let warmUp: Int
    /// In units of s_min.
    public let warningThreshold: Double
    public let driftThreshold: Double

    private var count = 0
    /// The error rate since the start or the last drift.
    public private(set) var errorRate = 0.0
    private var best: Best?
    private var signal = DriftSignal.none

    private struct Best: Hashable, Codable, Sendable {
        var rate: Double
        var deviation: Double
    }

    public init(warmUp: Int = 30, warningThreshold: Double = 2, driftThreshold: Double = 3) {
        self.warmUp = warmUp
        self.warningThreshold = warningThreshold
        self.driftThreshold = driftThreshold
    }

    @discardableResult
    public mutating func insert(_ value: Double) -> DriftSignal {
        if signal == .drift {
            self = DDM(warmUp: warmUp, warningThreshold: warningThreshold, driftThreshold: driftThreshold)
        }
        guard !value.isNaN else { return signal }
        count += 1
        errorRate += 1 / Double(count) * (value - errorRate)
        let deviation = (errorRate * (1 - errorRate) / Double(count)).squareRoot()
        guard count > warmUp else { return signal }
        let level = errorRate + deviation
        if best.map({ level <= $0.rate + $0.deviation }) ?? true {
            best = Best(rate: errorRate, deviation: deviation)
        }
        guard let best else { return signal }
        if level > best.rate + driftThreshold * best.deviation {
            signal = .drift
        } else {
            signal = level > best.rate + warningThreshold * best.deviation ? .warning : .none
        }
        return signal
    }
}
