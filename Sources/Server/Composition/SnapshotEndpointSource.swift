internal import Domain

/// Endpoints as the data plane knows them, each with the policy in force.
struct SnapshotEndpointSource: MonitoredEndpointSource {
    let snapshot: @Sendable () async throws -> EndpointSnapshot
    /// The policy in force of a model; nil where there is none.
    let policy: @Sendable (String) async throws -> Policy?

    func monitoredEndpoints() async throws -> [MonitoredEndpoint] {
        let snapshot = try await snapshot()
        var result: [MonitoredEndpoint] = []
        for endpoint in snapshot.endpoints {
            let named = Set(endpoint.variants.map(\.version))
            result.append(
                MonitoredEndpoint(
                    endpoint: endpoint,
                    versions: snapshot.versions.filter {
                        $0.id.model == endpoint.name && named.contains($0.id.version)
                    },
                    policy: try await policy(endpoint.name)))
        }
        return result
    }
}
