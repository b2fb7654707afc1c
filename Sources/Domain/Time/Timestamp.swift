/// A moment as milliseconds since 1970-01-01T00:00:00Z. Stored as BIGINT, sent as a JSON number.
public struct Timestamp: Sendable, Hashable, Comparable, Codable {
    public var milliseconds: Int64

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    public init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }

    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
        lhs.milliseconds < rhs.milliseconds
    }

    /// This moment moved by a number of seconds, which may be negative.
    public func adding(seconds: Double) -> Timestamp {
        let moved = (seconds * 1000).rounded()
        // Times are the clients' too: past the ends of Int64 the moment stays at the end.
        guard let offset = Int64(exactly: moved) else { return Timestamp(milliseconds: moved < 0 ? .min : .max) }
        let (sum, overflow) = milliseconds.addingReportingOverflow(offset)
        return Timestamp(milliseconds: overflow ? (offset < 0 ? .min : .max) : sum)
    }

    /// Seconds from `earlier` to this moment; negative if this one comes first.
    public func seconds(since earlier: Timestamp) -> Double {
        let (difference, overflow) = milliseconds.subtractingReportingOverflow(earlier.milliseconds)
        return (overflow ? Double(milliseconds) - Double(earlier.milliseconds) : Double(difference)) / 1000
    }
}
