/// A rule that watches a stream, one value at a time, and says when it has changed.
///
/// After a drift the next value begins anew: every detector forgets what came before (as in river 0.26).
public protocol DriftDetector: Sendable {
    /// Takes one value. NaN is ignored: the signal stays as it was, but for a drift, which is said once.
    @discardableResult
    mutating func insert(_ value: Double) -> DriftSignal
}

extension DriftDetector {
    /// Takes many values.
    ///
    /// - Returns: the indices of the values at which a drift was said.
    public mutating func drifts(in values: Span<Double>) -> [Int] {
        var drifts: [Int] = []
        for index in values.indices where insert(values[index]) == .drift { drifts.append(index) }
        return drifts
    }
}
