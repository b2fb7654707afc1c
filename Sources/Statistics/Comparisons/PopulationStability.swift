/// The population stability index: how far the shares of a set of bins have moved.
///
/// PSI = Σ (qᵢ - pᵢ) ln(qᵢ / pᵢ), the symmetrised Kullback-Leibler divergence (Jeffreys 1946); in credit scoring 0.1 is read as
/// a small and 0.2 to 0.25 as a large change (Siddiqi 2006; Yurdakul and Naranjo 2020 give its distribution: without a change, PSI
/// times n m / (n + m) is about chi-square with one degree of freedom fewer than there are bins).
///
/// **Empty bins.** Unless told otherwise, a bin that holds nothing on one side counts as half an observation there (so its share is
/// 0.5 / n): the logarithm is finite, and the more rows were seen, the more an empty bin says. A bin that is empty on both sides is left
/// out. Shares are not renormalised, so without empty bins the value is the plain definition.
public enum PopulationStability {
    /// O(bins).
    ///
    /// - Parameters:
    ///   - reference: counts in each bin.
    ///   - current: counts in the same bins.
    ///   - emptyBins: what a bin that is empty on one side counts there.
    /// - Returns: 0 or more; nil if either side has no rows or the bins differ in number.
    public static func index(
        reference: [Int], current: [Int], emptyBins: EmptyBins = .halfCount
    ) -> Double? {
        let referenceTotal = Double(reference.reduce(0, +))
        let currentTotal = Double(current.reduce(0, +))
        guard reference.count == current.count, referenceTotal > 0, currentTotal > 0 else { return nil }
        var sum = 0.0
        for (expected, actual) in zip(reference, current) where expected > 0 || actual > 0 {
            let p = emptyBins.share(of: expected, total: referenceTotal)
            let q = emptyBins.share(of: actual, total: currentTotal)
            sum += (q - p) * Elementary.log(q / p)
        }
        return sum
    }

    /// The index of two samples of numbers in bins of the reference; what lies outside counts in the outermost bins.
    ///
    /// - Parameter binning: which bins; the index depends on it, so it belongs to any threshold.
    /// - Returns: nil if either side has no numbers.
    public static func index(
        reference: SortedSample, current: SortedSample, binning: Binning = .quantiles(10),
        emptyBins: EmptyBins = .halfCount
    ) -> Double? {
        guard !reference.isEmpty, !current.isEmpty else { return nil }
        let bins = HistogramBins(edges: Array(binning.edges(of: reference).dropFirst().dropLast()))
        return index(
            reference: bins.counts(of: reference.values), current: bins.counts(of: current.values),
            emptyBins: emptyBins)
    }

    /// The p-value of an index without a change: PSI nm / (n + m) against chi-square with bins - 1 degrees of freedom (Yurdakul and
    /// Naranjo 2020). An approximation for well-filled bins.
    public static func pValue(_ index: Double, bins: Int, referenceRows: Int, currentRows: Int) -> Double {
        guard bins > 1, referenceRows > 0, currentRows > 0 else { return 1 }
        let scale = Double(referenceRows) * Double(currentRows) / Double(referenceRows + currentRows)
        return SpecialFunctions.chiSquareSurvival(index * scale, degreesOfFreedom: bins - 1)
    }
}
