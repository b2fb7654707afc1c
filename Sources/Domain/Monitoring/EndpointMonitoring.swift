/// All that monitoring knows of one endpoint, as `/api/v1/endpoints/{name}/monitoring` gives it and pages draw it.
public struct EndpointMonitoring: Sendable, Hashable, Codable {
    /// Traffic of one version in one stretch of time.
    public struct TrafficPoint: Sendable, Hashable, Codable {
        public var start: Timestamp
        public var seconds: Double
        public var version: Int
        public var role: Variant.Role
        public var requests: Int
        public var errors: Int
        public var p50Milliseconds: Double?
        public var p99Milliseconds: Double?

        public init(
            start: Timestamp, seconds: Double, version: Int, role: Variant.Role, requests: Int, errors: Int,
            p50Milliseconds: Double?, p99Milliseconds: Double?
        ) {
            self.start = start
            self.seconds = seconds
            self.version = version
            self.role = role
            self.requests = requests
            self.errors = errors
            self.p50Milliseconds = p50Milliseconds
            self.p99Milliseconds = p99Milliseconds
        }

        enum CodingKeys: String, CodingKey {
            case start, seconds, version, role, requests, errors
            case p50Milliseconds = "p50_milliseconds"
            case p99Milliseconds = "p99_milliseconds"
        }
    }

    public var endpoint: String
    public var time: Timestamp
    /// References of the versions with traffic, oldest version first.
    public var references: [ReferenceProfile]
    /// Closed windows, oldest first: the newest one of a version holds its live histograms.
    public var windows: [WindowSummary]
    /// Oldest first.
    public var traffic: [TrafficPoint]
    /// Oldest first.
    public var quality: [QualityReport]
    /// Newest first.
    public var alerts: [Alert]

    public init(
        endpoint: String, time: Timestamp, references: [ReferenceProfile], windows: [WindowSummary],
        traffic: [TrafficPoint], quality: [QualityReport], alerts: [Alert]
    ) {
        self.endpoint = endpoint
        self.time = time
        self.references = references
        self.windows = windows
        self.traffic = traffic
        self.quality = quality
        self.alerts = alerts
    }
}

/// The port through which routes and pages see monitoring.
public protocol MonitoringReading: Sendable {
    /// - Parameter since: the start of the stretch shown.
    func monitoring(endpoint: String, since: Timestamp) async throws -> EndpointMonitoring
}
