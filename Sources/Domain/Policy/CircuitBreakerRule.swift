/// When a version that fails is left alone for a while. Part of the policy; a model without one has the defaults.
///
/// What counts is what the model itself does: a failed run, or one past the server's deadline, also where a caller's values made it so
/// long. Neither refused values, nor answers out of bounds, nor a caller's own deadline.
public struct CircuitBreakerRule: Sendable, Hashable, Codable {
    public var isEnabled = true
    /// Failures without a success between them after which it opens; 1…10,000.
    public var consecutiveFailures = 10
    /// Share of failures within a window at which it opens, 0…1; nil is never.
    public var failureShare: Double? = 0.5
    /// Runs of a window below which its share says nothing; 1…1,000,000.
    public var requestsAtLeast = 20
    /// Length of a window, which begins with a failure, in seconds; 1…3,600.
    public var windowSeconds = 30.0
    /// How long no request reaches the version, in seconds; 0.1…3,600.
    public var openSeconds = 5.0
    /// Runs, one after the other, that must succeed before all requests reach it again; 1…1,000. One that fails opens it anew.
    public var probes = 3

    public init() {}
}
