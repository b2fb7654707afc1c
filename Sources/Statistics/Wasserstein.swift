/// The first Wasserstein distance (earth mover's distance): the area between two distribution functions, in the
/// feature's own unit.
public enum Wasserstein {
    /// Exact for two samples; O(n log n + m log m). NaN is left out.
    ///
    /// - Returns: nil if either sample is empty.
    public static func distance(_ first: [Double], _ second: [Double]) -> Double? {
        let a = first.filter { !$0.isNaN }.sorted()
        let b = second.filter { !$0.isNaN }.sorted()
        guard !a.isEmpty, !b.isEmpty else { return nil }
        let all = (a + b).sorted()
        var i = 0
        var j = 0
        var sum = 0.0
        for (value, next) in zip(all, all.dropFirst()) where next > value {
            while i < a.count, a[i] <= value { i += 1 }
            while j < b.count, b[j] <= value { j += 1 }
            sum += abs(Double(i) / Double(a.count) - Double(j) / Double(b.count)) * (next - value)
        }
        return sum
    }
}
