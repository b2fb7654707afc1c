import Domain
import Statistics

/// Whether one distribution has moved against its reference: how far, and whether chance explains it.
struct DriftTest {
    /// Bins of the index: with ten, an unchanged window of 200 rows has a mean PSI of 0.045 from chance alone.
    static let indexBins = 10
    /// Categories with fewer expected rows are joined for chi-square (Cochran 1954).
    static let pooledBelow = 5.0

    let psi: Double
    let pValue: Double
    /// `KS` or `chi-square`.
    let testName: String

    /// - Returns: nil if either side has no values, or the bins differ.
    init?(reference: FeatureProfile, current: FeatureProfile) {
        guard reference.bins == current.bins else { return nil }
        let result: TestResult?
        let index: Double?
        switch reference.bins {
        case .numeric:
            let grouping = BinGrouping(equalShares: reference.counts, target: Self.indexBins)
            index = PopulationStability.index(
                reference: grouping.coarse(reference.counts), current: grouping.coarse(current.counts))
            result = KolmogorovSmirnov.test(binned: reference.counts, current.counts)
            testName = "KS"
        case .categorical:
            index = PopulationStability.index(reference: reference.counts, current: current.counts)
            result = ChiSquare.test(reference.counts, current.counts, poolingExpectedBelow: Self.pooledBelow)
            testName = "chi-square"
        }
        guard let index, let result else { return nil }
        psi = index
        pValue = result.pValue
    }
}
