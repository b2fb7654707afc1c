/// What was done to make one version of another, and what was measured: both models in the same process, one after the other.
public struct OptimizationRecord: Sendable, Hashable, Codable {
    public struct Latency: Sendable, Hashable, Codable {
        /// Of the request that was run again and again.
        public var rows: Int
        public var runs: Int
        /// Medians, on one thread.
        public var millisecondsBefore: Double
        public var millisecondsAfter: Double

        public init(rows: Int, runs: Int, millisecondsBefore: Double, millisecondsAfter: Double) {
            self.rows = rows
            self.runs = runs
            self.millisecondsBefore = millisecondsBefore
            self.millisecondsAfter = millisecondsAfter
        }
    }

    /// How far the answers lie from those of the version before.
    public struct Answers: Sendable, Hashable, Codable {
        public var rows: Int
        /// `reference rows` or `golden request`.
        public var source: String
        /// nil for a model without labels.
        public var labelMismatchShare: Double?
        /// Of scores, or of a regression's numbers; nil where there are none.
        public var scoreDifferenceMax: Double?
        public var scoreDifferenceMean: Double?

        public init(
            rows: Int, source: String, labelMismatchShare: Double?, scoreDifferenceMax: Double?,
            scoreDifferenceMean: Double?
        ) {
            self.rows = rows
            self.source = source
            self.labelMismatchShare = labelMismatchShare
            self.scoreDifferenceMax = scoreDifferenceMax
            self.scoreDifferenceMean = scoreDifferenceMean
        }
    }

    /// A metric of both versions on the same labelled rows.
    public struct Metric: Sendable, Hashable, Codable {
        /// `accuracy`, `auc` or `rmse`.
        public var name: String
        public var before: Double
        public var after: Double

        public init(name: String, before: Double, after: Double) {
            self.name = name
            self.before = before
            self.after = after
        }
    }

    /// `int8`, `fp16` or `prune 0.3`.
    public var method: String
    /// Number of the version that it was made of.
    public var sourceVersion: Int
    /// What was done, as a sentence without its point.
    public var detail: String
    /// Names and versions of what did it.
    public var tool: String
    public var bytesBefore: Int64
    public var bytesAfter: Int64
    public var latency: Latency
    public var answers: Answers
    /// Empty where the reference rows have no labels.
    public var metrics: [Metric]

    public init(
        method: String, sourceVersion: Int, detail: String, tool: String, bytesBefore: Int64, bytesAfter: Int64,
        latency: Latency, answers: Answers, metrics: [Metric]
    ) {
        self.method = method
        self.sourceVersion = sourceVersion
        self.detail = detail
        self.tool = tool
        self.bytesBefore = bytesBefore
        self.bytesAfter = bytesAfter
        self.latency = latency
        self.answers = answers
        self.metrics = metrics
    }

    /// The figures by the names under which they are logged to the version's run.
    public var figures: [(name: String, value: Double)] {
        var figures: [(String, Double?)] = [
            ("bytes_before", Double(bytesBefore)), ("bytes_after", Double(bytesAfter)),
            ("latency_ms_before", latency.millisecondsBefore), ("latency_ms_after", latency.millisecondsAfter),
            ("label_mismatch_share", answers.labelMismatchShare),
            ("score_difference_max", answers.scoreDifferenceMax),
            ("score_difference_mean", answers.scoreDifferenceMean),
        ]
        for metric in metrics {
            figures += [("\(metric.name)_before", metric.before), ("\(metric.name)_after", metric.after)]
        }
        return figures.compactMap { name, value in value.map { (name: "optimize.\(name)", value: $0) } }
    }
}
