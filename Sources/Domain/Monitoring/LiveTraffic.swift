/// What one version behind an endpoint answered just now.
public struct LiveTraffic: Sendable, Hashable {
    public var version: Int
    /// Over the last minute, or since its traffic began if that is less, but not less than five seconds.
    public var requestsPerSecond: Double
    /// Share of the last minute's requests that failed by the server's fault, 0…1; nil without requests.
    public var errorShare: Double?
    /// Of the last minute's successes.
    public var p99Milliseconds: Double?
    /// Requests a second of the last two minutes in stretches of five seconds, oldest first.
    public var history: [Double]

    public init(
        version: Int, requestsPerSecond: Double, errorShare: Double?, p99Milliseconds: Double?, history: [Double]
    ) {
        self.version = version
        self.requestsPerSecond = requestsPerSecond
        self.errorShare = errorShare
        self.p99Milliseconds = p99Milliseconds
        self.history = history
    }
}
