/// What one monitor found in one window, with the figures that it was decided on.
public struct MonitorVerdict: Sendable, Hashable, Codable {
    public var endpoint: String
    public var version: Int
    public var windowStart: Timestamp
    public var windowEnd: Timestamp
    public var kind: Alert.Kind
    /// The feature or metric.
    public var subject: String
    /// PSI, share or metric.
    public var value: Double
    /// What `value` was held against.
    public var threshold: Double
    /// Of the significance test, for drift.
    public var pValue: Double?
    /// What `pValue` was held against: the policy's, divided by the number of features tested.
    public var significance: Double?
    /// Rows (or labels) it is based on.
    public var rows: Int
    /// Whether the condition was broken.
    public var isBroken: Bool
    /// The figures, as a sentence.
    public var detail: String

    public init(
        endpoint: String, version: Int, windowStart: Timestamp, windowEnd: Timestamp, kind: Alert.Kind, subject: String,
        value: Double, threshold: Double, pValue: Double? = nil, significance: Double? = nil, rows: Int, isBroken: Bool,
        detail: String
    ) {
        self.endpoint = endpoint
        self.version = version
        self.windowStart = windowStart
        self.windowEnd = windowEnd
        self.kind = kind
        self.subject = subject
        self.value = value
        self.threshold = threshold
        self.pValue = pValue
        self.significance = significance
        self.rows = rows
        self.isBroken = isBroken
        self.detail = detail
    }

    enum CodingKeys: String, CodingKey {
        case endpoint, version, kind, subject, value, threshold, significance, rows, detail
        case windowStart = "window_start"
        case windowEnd = "window_end"
        case pValue = "p_value"
        case isBroken = "is_broken"
    }
}
