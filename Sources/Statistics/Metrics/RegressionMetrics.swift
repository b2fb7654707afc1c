/// The quality of predicted numbers against true ones: O(rows), two passes.
public struct RegressionMetrics: Sendable, Hashable {
    public var count: Int
    /// Root of the mean squared error.
    public var rmse: Double
    /// Mean absolute error.
    public var mae: Double
    /// Coefficient of determination; nil where the truths do not vary (it is not defined), there is one row, or the numbers are so
    /// large that their squares leave the range of Double. `rmse` is then +∞.
    public var r2: Double?

    /// - Returns: nil without rows or where the numbers differ.
    public init?(truths: [Double], predictions: [Double]) {
        guard truths.count == predictions.count, !truths.isEmpty else { return nil }
        let n = Double(truths.count)
        let mean = truths.reduce(0, +) / n
        var squared = 0.0
        var absolute = 0.0
        var spread = 0.0
        for (truth, prediction) in zip(truths, predictions) {
            let error = truth - prediction
            squared += error * error
            absolute += abs(error)
            spread += (truth - mean) * (truth - mean)
        }
        count = truths.count
        rmse = (squared / n).squareRoot()
        mae = absolute / n
        let explained = 1 - squared / spread
        r2 = spread > 0 && truths.count > 1 && explained.isFinite ? explained : nil
    }
}
