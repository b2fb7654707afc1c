/// What a significance test says.
public struct TestResult: Sendable, Hashable {
    public var statistic: Double
    /// The chance of a statistic at least as large if nothing had changed, 0…1.
    public var pValue: Double

    public init(statistic: Double, pValue: Double) {
        self.statistic = statistic
        self.pValue = pValue
    }
}
