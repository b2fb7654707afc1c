/// Is one arm's event rate higher than the other's? A sequential test for canaries and experiments in which every request is put into an
/// arm at random, whatever the traffic and however the common rate moves.
///
/// Under equal rates an event is the canary's with the canary's share of traffic, π; at a rate ratio r, with πr / (πr + 1 - π). So the events alone
/// are a Bernoulli sequence, and the test is that of one proportion (conditional test of Przyborowski and Wilenski 1940 for Poisson rates; Lindon and
/// Malek 2022 for time-varying Bernoulli rates). O(1) an event. Exact where an event of one arm says nothing about the next; the traffic
/// share must be the true one, so check it with `SampleRatioTest`.
public struct ArmRateTest: EProcess, Hashable, Codable {
    /// Of traffic that goes to the canary, 0…1, without the ends.
    public let share: Double
    /// The ratio of rates, canary's to baseline's, that the hypothesis still allows: 1, or a non-inferiority margin above 1.
    public let ratioAllowed: Double
    /// What is held against it.
    public let side: ProportionSequence.Side
    private var sequence: ProportionSequence

    /// - Parameters:
    ///   - ratioExpected: the ratio of rates that should be found fastest; the prior has its mass there, with the weight of `priorEvents` events.
    ///   - priorEvents: the more, the narrower; 0 takes the flat Beta(½, ½).
    public init(
        share: Double, ratioAllowed: Double = 1, side: ProportionSequence.Side = .greater, ratioExpected: Double = 2,
        priorEvents: Double = 20
    ) {
        precondition(share > 0 && share < 1, "a share is between 0 and 1")
        precondition(ratioAllowed > 0 && ratioExpected > 0, "a ratio is more than 0")
        self.share = share
        self.ratioAllowed = ratioAllowed
        self.side = side
        let expected = Self.eventShare(share, ratioExpected)
        sequence =
            priorEvents > 0
            ? ProportionSequence(
                priorSuccesses: max(0.5, priorEvents * expected), priorFailures: max(0.5, priorEvents * (1 - expected)))
            : ProportionSequence()
    }

    /// Takes one event (an error, a conversion).
    public mutating func insert(isCanary: Bool) { sequence.insert(isCanary) }

    /// Takes counts of events; between them nothing was looked at.
    public mutating func insert(canaryEvents: Int, baselineEvents: Int) {
        sequence.insert(successes: canaryEvents, of: canaryEvents + baselineEvents)
    }

    public var canaryEvents: Int { sequence.successes }
    public var baselineEvents: Int { sequence.trials - sequence.successes }

    public var logEValue: Double {
        sequence.logEValue(against: Self.eventShare(share, ratioAllowed), side: side)
    }

    /// The interval of the ratio of rates, valid at all times at once.
    public func ratioInterval(confidence: Double = 0.95) -> Interval {
        let events = sequence.interval(confidence: confidence)
        return Interval(lower: ratio(events.lower), upper: ratio(events.upper))
    }

    private func ratio(_ eventShare: Double) -> Double { eventShare * (1 - share) / ((1 - eventShare) * share) }

    private static func eventShare(_ share: Double, _ ratio: Double) -> Double {
        share * ratio / (share * ratio + 1 - share)
    }
}
