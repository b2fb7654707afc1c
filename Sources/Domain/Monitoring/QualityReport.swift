/// Quality of one version over its newest labelled rows.
public struct QualityReport: Sendable, Hashable, Codable {
    public var endpoint: String
    public var version: Int
    /// When it was computed.
    public var time: Timestamp
    /// Labelled rows that were joined with their prediction.
    public var labels: Int
    /// accuracy, precision, recall, f1, roc_auc for classes; rmse, mae, r2 for numbers. Those not defined are absent.
    public var metrics: [String: Double]
    /// Means of business figures by name.
    public var kpis: [String: Double]

    public init(
        endpoint: String, version: Int, time: Timestamp, labels: Int, metrics: [String: Double], kpis: [String: Double]
    ) {
        self.endpoint = endpoint
        self.version = version
        self.time = time
        self.labels = labels
        self.metrics = metrics
        self.kpis = kpis
    }
}
