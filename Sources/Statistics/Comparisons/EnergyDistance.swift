/// The energy distance of Székely and Rizzo (2013): √(2E|X - Y| - E|X - X'| - E|Y - Y'|), the L₂ distance between two distribution
/// functions times √2; in the square root of the feature's unit. `scipy.stats.energy_distance`; Evidently's `ed` is its square.
public enum EnergyDistance {
    /// O(n log n + m log m). NaN is left out.
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
            let gap = Double(i) / n - Double(j) / m
            if i + j > 0 { sum += gap * gap * (value - last) }
            i += a
            j += b
            last = value
        }
        return (2 * sum).squareRoot()
    }
}
