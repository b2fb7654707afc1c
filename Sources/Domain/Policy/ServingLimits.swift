/// How much of a server one endpoint may take, and how it is spared. Part of the policy.
public struct ServingLimits: Sendable, Hashable, Codable {
    /// Runs of the endpoint's models at a time; nil is as many as the server has threads for them, which is also the most.
    public var concurrency: Int?
    /// Requests that wait for a run; more are refused with 429. nil is the server's own bound.
    public var queue: Int?
    /// Whether equal inputs are answered with the outputs of before; nil is not.
    public var cache: Bool?

    public init() {}
}
