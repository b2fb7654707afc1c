/// Sample-ratio mismatch: do the arms get the traffic that they should? Sequentially by a Dirichlet mixture of multinomial likelihood
/// ratios (Lindon and Malek 2022, "Anytime-valid inference for multinomial count data"; the `savvi` package), once by chi-square.
public struct SampleRatioTest: EProcess, Hashable, Codable {
    /// The shares that the arms should have; they add up to 1.
    public let shares: [Double]
    /// The prior's weight in rows: Dirichlet(concentration × shares). A greater one is blunter at first and finds small mismatches.
    public let concentration: Double
    public private(set) var counts: [Int]

    /// - Parameter shares: two or more, each more than 0, of any total.
    public init(shares: [Double], concentration: Double = 100) {
        precondition(shares.count > 1 && shares.allSatisfy { $0 > 0 }, "two or more shares above 0")
        let total = shares.reduce(0, +)
        self.shares = shares.map { $0 / total }
        self.concentration = concentration
        counts = [Int](repeating: 0, count: shares.count)
    }

    /// Adds rows of one arm.
    public mutating func insert(arm: Int, rows: Int = 1) { counts[arm] += rows }

    public var logEValue: Double {
        let n = Double(counts.reduce(0, +))
        var sum = Elementary.logGamma(concentration) - Elementary.logGamma(concentration + n)
        for (count, share) in zip(counts, shares) {
            let alpha = concentration * share
            sum += Elementary.logGamma(alpha + Double(count)) - Elementary.logGamma(alpha)
            sum -= Double(count) * Elementary.log(share)
        }
        return sum
    }

    /// Pearson's chi-square test for one look at a number of rows fixed beforehand; nil without rows.
    public var fixedTest: TestResult? { ChiSquare.goodnessOfFit(counts, shares: shares) }
}
