/// The first Wasserstein distance (earth mover's distance): the area between two distribution functions, in the
/// feature's own unit. `scipy.stats.wasserstein_distance`, NannyML's exact method.
public enum Wasserstein {
    /// Below it a reference's deviation counts as this much in the normalised distance, as in Evidently.
    public static let deviationMin = 0.001

    /// Exact for two samples; O(n log n + m log m). NaN is left out.
    ///
    /// - Returns: nil if either sample is empty.
    public static func distance(_ first: [Double], _ second: [Double]) -> Double? {
        distance(SortedSample(first), SortedSample(second))
    }

    /// For samples that are sorted already: O(n + m).
    ///
    /// - Returns: nil if either sample is empty.
    public static func distance(_ first: SortedSample, _ second: SortedSample) -> Double? {
        guard !first.isEmpty, !second.isEmpty else { return nil }
        let n = Double(first.count)
        let m = Double(second.count)
        var i = 0
        var j = 0
        var last = 0.0
        var sum = 0.0
        SortedSample.forEachValue(first, second) { value, a, b in
            if i + j > 0 { sum += abs(Double(i) / n - Double(j) / m) * (value - last) }
            i += a
            j += b
            last = value
        }
        return sum
    }

    /// The distance in units of the reference's population standard deviation: Evidently's `wasserstein`, comparable across features.
    ///
    /// A deviation under 0.001 counts as 0.001.
    ///
    /// - Returns: nil if either sample is empty.
    public static func normalizedDistance(reference: SortedSample, current: SortedSample) -> Double? {
        distance(reference, current).map { $0 / max(reference.populationDeviation, deviationMin) }
    }

    /// From two quantile sketches: exact for the distributions that they hold, so within their rank errors times the range covered.
    ///
    /// - Returns: nil if either sketch is empty.
    public static func distance(_ first: QuantileSketch, _ second: QuantileSketch) -> Double? {
        guard first.count > 0, second.count > 0 else { return nil }
        let a = first.weightedValues
        let b = second.weightedValues
        let n = Double(a[a.count - 1].cumulativeWeight)
        let m = Double(b[b.count - 1].cumulativeWeight)
        var (i, j, left, right, last, sum) = (0, 0, 0.0, 0.0, 0.0, 0.0)
        while i < a.count || j < b.count {
            let value = i == a.count ? b[j].value : j == b.count ? a[i].value : min(a[i].value, b[j].value)
            if i + j > 0 { sum += abs(left - right) * (value - last) }
            while i < a.count, a[i].value <= value {
                left = Double(a[i].cumulativeWeight) / n
                i += 1
            }
            while j < b.count, b[j].value <= value {
                right = Double(b[j].cumulativeWeight) / m
                j += 1
            }
            last = value
        }
        return sum
    }
}
