/// An endpoint as monitoring sees it.
public struct MonitoredEndpoint: Sendable, Hashable {
    public var endpoint: Endpoint
    /// Those that the endpoint names.
    public var versions: [ServableVersion]
    /// The policy in force; nil takes the defaults.
    public var policy: Policy?

    public init(endpoint: Endpoint, versions: [ServableVersion], policy: Policy?) {
        self.endpoint = endpoint
        self.versions = versions
        self.policy = policy
    }
}

/// The port through which monitoring learns what to watch.
public protocol MonitoredEndpointSource: Sendable {
    func monitoredEndpoints() async throws -> [MonitoredEndpoint]
}
