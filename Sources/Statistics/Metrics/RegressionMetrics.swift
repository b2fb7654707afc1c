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
    /// Mean absolute error as a share of the truth; a truth nearer to 0 than 2.2e-16 counts as that, as in scikit-learn.
    public var mape: Double
    private var squaredErrors: Moments
    private var absoluteErrors: Moments

    /// - Returns: nil without rows or where the numbers differ.
    public init?(truths: [Double], predictions: [Double]) {
        guard truths.count == predictions.count, !truths.isEmpty else { return nil }
        let n = Double(truths.count)
        let mean = truths.reduce(0, +) / n
        var squared = 0.0
        var absolute = 0.0
        var relative = 0.0
        var spread = 0.0
        var squaredErrors = Moments()
        var absoluteErrors = Moments()
        for (truth, prediction) in zip(truths, predictions) {
            let error = truth - prediction
            squared += error * error
            absolute += abs(error)
            relative += abs(error) / max(abs(truth), .ulpOfOne)
            spread += (truth - mean) * (truth - mean)
            squaredErrors.insert(error * error)
            absoluteErrors.insert(abs(error))
        }
        count = truths.count
        rmse = (squared / n).squareRoot()
        mae = absolute / n
        mape = relative / n
        let explained = 1 - squared / spread
        r2 = spread > 0 && truths.count > 1 && explained.isFinite ? explained : nil
        self.squaredErrors = squaredErrors
        self.absoluteErrors = absoluteErrors
    }

    /// Student's interval for the mean absolute error; nil below two rows.
    public func maeInterval(confidence: Double = 0.95) -> Interval? {
        MeanInterval.student(absoluteErrors, confidence: confidence).map {
            Interval(lower: max(0, $0.lower), upper: $0.upper)
        }
    }

    /// Student's interval for the mean squared error, rooted; nil below two rows.
    public func rmseInterval(confidence: Double = 0.95) -> Interval? {
        MeanInterval.student(squaredErrors, confidence: confidence).map {
            Interval(lower: max(0, $0.lower).squareRoot(), upper: max(0, $0.upper).squareRoot())
        }
    }

    /// The mean quantile (pinball) loss of predictions of the `share` quantile (Koenker and Bassett 1978); scikit-learn's
    /// `mean_pinball_loss(alpha=share)`.
    ///
    /// - Returns: nil without rows or where the numbers differ.
    public static func quantileLoss(truths: [Double], predictions: [Double], share: Double) -> Double? {
        guard truths.count == predictions.count, !truths.isEmpty else { return nil }
        var sum = 0.0
        for (truth, prediction) in zip(truths, predictions) {
            let error = truth - prediction
            sum += error >= 0 ? share * error : (share - 1) * error
        }
        return sum / Double(truths.count)
    }
}
