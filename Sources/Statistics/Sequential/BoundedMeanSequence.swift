/// A confidence sequence for the mean of values in a known range, without any other assumption: the predictable plug-in empirical Bernstein
/// sequence (Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables by betting", theorem 2).
///
/// The true mean may be anything and the values may depend on the past as long as their conditional mean stays the same. O(1) a value.
public struct BoundedMeanSequence: Sendable, Hashable, Codable {
    public let lowerBound: Double
    public let upperBound: Double
    public let confidence: Double
    /// The largest bet, 0…1; the paper's ½ keeps early values from deciding too much.
    private static let betMax = 0.5

    public private(set) var count = 0
    private var valueSum = 0.0
    private var deviationSum = 0.0
    private var betSum = 0.0
    private var betValueSum = 0.0
    private var penaltySum = 0.0
    private var lowest = 0.0
    private var highest = 1.0

    /// - Parameter confidence: fixed beforehand, since the bets depend on it.
    public init(lowerBound: Double = 0, upperBound: Double = 1, confidence: Double = 0.95) {
        precondition(lowerBound < upperBound && confidence > 0 && confidence < 1, "a range and a confidence")
        self.lowerBound = lowerBound
        self.upperBound = upperBound
        self.confidence = confidence
    }

    /// Adds one value; beyond the range it counts as its end, NaN not at all.
    public mutating func insert(_ value: Double) {
        guard !value.isNaN else { return }
        let x = (min(max(value, lowerBound), upperBound) - lowerBound) / (upperBound - lowerBound)
        let logTerm = Elementary.log(2 / (1 - confidence))
        // Mean and variance of the values before this one, shrunk towards those of a fair coin.
        let mean = (0.5 + valueSum) / Double(count + 1)
        let variance = (0.25 + deviationSum) / Double(count + 1)
        count += 1
        let n = Double(count)
        let bet = min(Self.betMax, (2 * logTerm / (variance * n * Elementary.log(n + 1))).squareRoot())
        betSum += bet
        betValueSum += bet * x
        penaltySum += (x - mean) * (x - mean) * (-Elementary.logOnePlus(-bet) - bet)
        valueSum += x
        let newMean = (0.5 + valueSum) / (n + 1)
        deviationSum += (x - newMean) * (x - newMean)
        let center = betValueSum / betSum
        let half = (logTerm + penaltySum) / betSum
        lowest = max(lowest, center - half)
        highest = min(highest, center + half)
    }

    /// Covers the mean at all times at once: the intersection of all intervals so far. In the unit of the values.
    public var interval: Interval {
        let range = upperBound - lowerBound
        return Interval(lower: lowerBound + range * lowest, upper: lowerBound + range * highest)
    }
}
