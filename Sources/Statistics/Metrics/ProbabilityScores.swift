/// The quality of predicted probabilities of a binary outcome: log loss, Brier score and calibration, from a stream, mergeable.
///
/// Calibration is counted in bins of equal width, (a, b] as in Guo and others (2017). O(1) a row.
public struct ProbabilityScores: Sendable, Hashable {
    /// A calibration bin.
    public struct Bin: Sendable, Hashable {
        public var count = 0
        public var positives = 0
        public var probabilitySum = 0.0

        public var meanProbability: Double { probabilitySum / Double(count) }
        public var positiveShare: Double { Double(positives) / Double(count) }
    }

    public private(set) var bins: [Bin]
    private var logLosses = Moments()
    private var squaredErrors = Moments()

    /// - Parameter bins: of calibration, 1 or more; 10 unless told otherwise, as in `sklearn.calibration_curve(n_bins=10)`.
    public init(bins: Int = 10) {
        precondition(bins >= 1, "at least one bin")
        self.bins = [Bin](repeating: Bin(), count: bins)
    }

    /// - Returns: nil where the numbers differ.
    public init?(isPositive: [Bool], probabilities: [Double], bins: Int = 10) {
        guard isPositive.count == probabilities.count else { return nil }
        self.init(bins: bins)
        for (isPositive, probability) in zip(isPositive, probabilities) {
            insert(probability, isPositive: isPositive)
        }
    }

    /// Adds a row. A probability outside 0…1 or NaN is left out.
    public mutating func insert(_ probability: Double, isPositive: Bool) {
        guard probability >= 0, probability <= 1 else { return }
        let index = min(bins.count - 1, max(0, Int((probability * Double(bins.count)).rounded(.up)) - 1))
        bins[index].count += 1
        bins[index].probabilitySum += probability
        if isPositive { bins[index].positives += 1 }
        let clipped = min(max(probability, .ulpOfOne), 1 - .ulpOfOne)
        logLosses.insert(-(isPositive ? Elementary.log(clipped) : Elementary.logOnePlus(-clipped)))
        let error = (isPositive ? 1 : 0) - probability
        squaredErrors.insert(error * error)
    }

    /// Adds what the other has seen; both have the same number of bins.
    public mutating func merge(_ other: ProbabilityScores) {
        precondition(bins.count == other.bins.count, "the same number of bins")
        for index in bins.indices {
            bins[index].count += other.bins[index].count
            bins[index].positives += other.bins[index].positives
            bins[index].probabilitySum += other.bins[index].probabilitySum
        }
        logLosses.merge(other.logLosses)
        squaredErrors.merge(other.squaredErrors)
    }

    public var count: Int { logLosses.count }

    /// The mean negative log-likelihood in nats, probabilities clipped to 2.2e-16 from 0 and 1; `sklearn.metrics.log_loss`. nil while
    /// empty.
    public var logLoss: Double? { count > 0 ? logLosses.mean : nil }

    /// The mean squared difference of probability and outcome (Brier 1950), 0…1; `sklearn.metrics.brier_score_loss`. nil while empty.
    public var brierScore: Double? { count > 0 ? squaredErrors.mean : nil }

    /// The expected calibration error Σ (n_b / n) |share of positives - mean probability| (Naeini and others 2015), 0…1. It shrinks with
    /// fewer bins and grows with noise: compare only at equal bins and similar numbers. nil while empty.
    public var expectedCalibrationError: Double? {
        guard count > 0 else { return nil }
        var sum = 0.0
        for bin in bins where bin.count > 0 { sum += abs(Double(bin.positives) - bin.probabilitySum) }
        return sum / Double(count)
    }

    /// The largest gap of a bin.
    public var maximumCalibrationError: Double? {
        bins.filter { $0.count > 0 }.map { abs($0.positiveShare - $0.meanProbability) }.max()
    }

    /// Student's intervals of the two means; nil below two rows.
    public func logLossInterval(confidence: Double = 0.95) -> Interval? {
        MeanInterval.student(logLosses, confidence: confidence)
    }

    public func brierScoreInterval(confidence: Double = 0.95) -> Interval? {
        MeanInterval.student(squaredErrors, confidence: confidence)
    }

    /// Log loss of several classes: the mean of -ln of the probability given to the true class, rows normalised and clipped as in
    /// scikit-learn.
    ///
    /// - Parameters:
    ///   - truths: the true class of each row, an index into its probabilities.
    ///   - probabilities: by row, then class.
    /// - Returns: nil without rows, or where numbers or indices do not fit.
    public static func logLoss(truths: [Int], probabilities: [[Double]]) -> Double? {
        guard truths.count == probabilities.count, !truths.isEmpty else { return nil }
        var sum = 0.0
        for (truth, row) in zip(truths, probabilities) {
            guard row.indices.contains(truth) else { return nil }
            let clipped = min(max(row[truth], .ulpOfOne), 1 - .ulpOfOne)
            sum -= Elementary.log(clipped)
        }
        return sum / Double(truths.count)
    }
}
