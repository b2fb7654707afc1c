/// The firing of a monitor.
public struct Alert: Sendable, Hashable, Codable {
    public enum State: String, Sendable, Codable { case pending, firing, resolved }
    /// What the monitor watches.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case featureDrift = "feature_drift"
        case predictionDrift = "prediction_drift"
        case quality
        case missingValues = "missing_values"
        case outOfRange = "out_of_range"
    }
    public var id: Int64
    public var endpoint: String
    public var version: Int
    public var kind: Kind
    /// The feature or metric.
    public var subject: String
    public var state: State
    /// The figures, as a sentence.
    public var detail: String
    public var value: Double
    public var threshold: Double
    public var startedAt: Timestamp
    public var updatedAt: Timestamp
    public var resolvedAt: Timestamp?

    public init(
        id: Int64, endpoint: String, version: Int, kind: Kind, subject: String, state: State, detail: String,
        value: Double, threshold: Double, startedAt: Timestamp, updatedAt: Timestamp, resolvedAt: Timestamp? = nil
    ) {
        self.id = id
        self.endpoint = endpoint
        self.version = version
        self.kind = kind
        self.subject = subject
        self.state = state
        self.detail = detail
        self.value = value
        self.threshold = threshold
        self.startedAt = startedAt
        self.updatedAt = updatedAt
        self.resolvedAt = resolvedAt
    }
}

/// Who wants to know when an alert changes state (webhooks, retraining).
public protocol AlertListener: Sendable {
    func alertChanged(_ alert: Alert) async
}
