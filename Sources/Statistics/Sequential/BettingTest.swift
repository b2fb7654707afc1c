/// A bet against "the mean is at most m" for values of 0…1: capital Π(1 + λᵢ(Xᵢ - m)) (Waudby-Smith and Ramdas 2024).
///
/// The bets λ follow the mean and variance of the values before (their "approximate GRAPA", section B.2), so that the capital grows nearly as
/// fast as could be. Valid for any distribution on the range, also where only the conditional means obey the hypothesis. O(1) a value.
public struct BettingTest: EProcess, Hashable, Codable {
    /// m, 0…1 without the ends.
    public let meanAllowed: Double
    /// The share of the largest bet that is ever placed.
    private static let betShareMax = 0.5

    public private(set) var logEValue = 0.0
    public private(set) var count = 0
    private var valueSum = 0.0
    private var deviationSum = 0.0

    public init(meanAllowed: Double) {
        precondition(meanAllowed > 0 && meanAllowed < 1, "a mean between 0 and 1")
        self.meanAllowed = meanAllowed
    }

    /// Adds one value; beyond 0…1 it counts as the end, NaN not at all.
    public mutating func insert(_ value: Double) {
        guard !value.isNaN else { return }
        let x = min(max(value, 0), 1)
        // The past, with one value of the hypothesis in it, so that the first bet is none.
        let mean = (meanAllowed + valueSum) / Double(count + 1)
        let variance = (meanAllowed * (1 - meanAllowed) + deviationSum) / Double(count + 1)
        let gap = mean - meanAllowed
        let bet = min(max(0, gap / (variance + gap * gap)), Self.betShareMax / meanAllowed)
        logEValue += Elementary.logOnePlus(bet * (x - meanAllowed))
        count += 1
        valueSum += x
        let newMean = (meanAllowed + valueSum) / Double(count + 1)
        deviationSum += (x - newMean) * (x - newMean)
    }
}
