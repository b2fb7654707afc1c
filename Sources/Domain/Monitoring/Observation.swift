/// One answered request, as the data plane saw it. Rows are in columns, so that sketches take them without a copy each.
public struct Observation: Sendable {
    /// The values of one feature, one a row.
    public enum ColumnValues: Sendable, Hashable {
        /// NaN is missing.
        case numeric([Double])
        /// nil is missing.
        case categorical([String?])
    }

    public var predictionID: PredictionID
    public var endpoint: String
    public var version: Int
    public var role: Variant.Role
    public var time: Timestamp
    public var latencyNanoseconds: Int64
    /// nil is success; else the code. Only `internal`, `unavailable` and `deadlineExceeded` are the server's fault.
    public var failure: MartletError.Code?
    public var rows: Int
    /// One entry a column of the servable version, same order; empty on failure.
    public var features: [ColumnValues]
    /// The predicted class or number of each row; empty on failure.
    public var predictions: ColumnValues
    /// The positive class's score (binary) or the winning score of each row; empty where the model gives none.
    public var scores: [Double]
    /// The caller's own key for this request, for joining feedback.
    public var businessKey: String?

    public init(
        predictionID: PredictionID, endpoint: String, version: Int, role: Variant.Role, time: Timestamp,
        latencyNanoseconds: Int64, failure: MartletError.Code?, rows: Int, features: [ColumnValues],
        predictions: ColumnValues, scores: [Double], businessKey: String?
    ) {
        self.predictionID = predictionID
        self.endpoint = endpoint
        self.version = version
        self.role = role
        self.time = time
        self.latencyNanoseconds = latencyNanoseconds
        self.failure = failure
        self.rows = rows
        self.features = features
        self.predictions = predictions
        self.scores = scores
        self.businessKey = businessKey
    }
}

/// Where the data plane's tap delivers. Must return at once, never throw and never block; full means dropped and counted.
public protocol ObservationSink: Sendable {
    func observe(_ observation: Observation)
}
