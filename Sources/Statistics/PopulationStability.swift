/// The population stability index: how far the shares of a set of bins have moved.
///
/// PSI = Σ (qᵢ - pᵢ) ln(qᵢ / pᵢ), the symmetrised Kullback-Leibler divergence (Jeffreys 1946); in credit scoring 0.1 is read as
/// a small and 0.2 to 0.25 as a large change (Siddiqi 2006; Yurdakul and Naranjo 2020 give its distribution: without a change, PSI
/// times n m / (n + m) is about chi-square with one degree of freedom fewer than there are bins).
///
/// **Empty bins.** A bin that holds nothing on one side counts as half an observation there (so its share is 0.5 / n): the
/// logarithm is finite, and the more rows were seen, the more an empty bin says. A bin that is empty on both sides is left
/// out. Shares are not renormalised, so without empty bins the value is the plain definition.
public enum PopulationStability {
    /// O(bins).
    ///
    /// - Parameters:
    ///   - reference: counts in each bin.
    ///   - current: counts in the same bins.
    /// - Returns: 0 or more; nil if either side has no rows or the bins differ in number.
    public static func index(reference: [Int], current: [Int]) -> Double? {
        let referenceTotal = Double(reference.reduce(0, +))
        let currentTotal = Double(current.reduce(0, +))
        guard reference.count == current.count, referenceTotal > 0, currentTotal > 0 else { return nil }
        var sum = 0.0
        for (expected, actual) in zip(reference, current) where expected > 0 || actual > 0 {
            let p = max(Double(expected), 0.5) / referenceTotal
            let q = max(Double(actual), 0.5) / currentTotal
            sum += (q - p) * Elementary.log(q / p)
        }
        return sum
    }
}
