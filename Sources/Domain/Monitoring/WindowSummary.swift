/// One closed window of one version's traffic: what the monitors judged, and what charts are drawn from.
public struct WindowSummary: Sendable, Hashable, Codable {
    public var endpoint: String
    public var version: Int
    public var role: Variant.Role
    /// Inclusive.
    public var start: Timestamp
    /// Exclusive.
    public var end: Timestamp
    public var requests: Int
    /// Failures by the server's fault.
    public var errors: Int
    /// Failures by the caller's fault.
    public var rejected: Int
    public var p50Milliseconds: Double?
    public var p99Milliseconds: Double?
    /// nil while the version has no reference.
    public var profile: Profile?
    /// Every monitor's finding, broken or not; empty for a version that is not judged.
    public var verdicts: [MonitorVerdict]

    public init(
        endpoint: String, version: Int, role: Variant.Role, start: Timestamp, end: Timestamp, requests: Int,
        errors: Int,
        rejected: Int, p50Milliseconds: Double?, p99Milliseconds: Double?, profile: Profile?, verdicts: [MonitorVerdict]
    ) {
        self.endpoint = endpoint
        self.version = version
        self.role = role
        self.start = start
        self.end = end
        self.requests = requests
        self.errors = errors
        self.rejected = rejected
        self.p50Milliseconds = p50Milliseconds
        self.p99Milliseconds = p99Milliseconds
        self.profile = profile
        self.verdicts = verdicts
    }

    enum CodingKeys: String, CodingKey {
        case endpoint, version, role, start, end, requests, errors, rejected, profile, verdicts
        case p50Milliseconds = "p50_milliseconds"
        case p99Milliseconds = "p99_milliseconds"
    }
}
