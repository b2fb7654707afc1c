/// The Kullback-Leibler divergence (1951): how many nats a code for the reference wastes on the current distribution.
public enum KullbackLeibler {
    /// Σ qᵢ ln(qᵢ / pᵢ) with q the current and p the reference shares; `scipy.stats.entropy(current, reference)`. Not symmetric. O(bins).
    ///
    /// - Parameters:
    ///   - emptyBins: what a bin that is empty on one side counts there. One that is empty on both is left out.
    ///   - base: of the logarithm; nil is e.
    /// - Returns: +∞ where a current bin has no reference and empty bins count exactly; nil if either side has no rows or the bins
    ///   differ in number.
    public static func divergence(
        reference: [Int], current: [Int], emptyBins: EmptyBins = .halfCount, base: Double? = nil
    ) -> Double? {
        let n = Double(reference.reduce(0, +))
        let m = Double(current.reduce(0, +))
        guard reference.count == current.count, n > 0, m > 0 else { return nil }
        var sum = 0.0
        for (x, y) in zip(reference, current) where x > 0 || y > 0 {
            let p = emptyBins.share(of: x, total: n)
            let q = emptyBins.share(of: y, total: m)
            if q > 0 { sum += p > 0 ? q * Elementary.log(q / p) : .infinity }
        }
        return sum / (base.map(Elementary.log) ?? 1)
    }
}
