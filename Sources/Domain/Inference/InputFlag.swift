/// What the policy's validation found in one feature of one request.
public struct InputFlag: Sendable, Hashable {
    public enum Reason: String, Sendable, CaseIterable {
        case belowMinimum = "below_minimum"
        case aboveMaximum = "above_maximum"
        case unknownCategory = "unknown_category"
        case missing
    }
    /// What was done.
    public enum Outcome: String, Sendable, CaseIterable { case flagged, clipped, rejected }

    public var feature: String
    public var reason: Reason
    public var outcome: Outcome
    /// Rows of the request with such a value.
    public var rows: Int
    /// The first of them; 0 is the request's first row.
    public var firstRow: Int

    public init(feature: String, reason: Reason, outcome: Outcome, rows: Int, firstRow: Int) {
        self.feature = feature
        self.reason = reason
        self.outcome = outcome
        self.rows = rows
        self.firstRow = firstRow
    }

    /// Findings that one answer tells; a request with more of them is told by these.
    public static let toldMax = 64
}
