public import Domain

extension DataPlane {
    /// Every version that the data plane was told to serve, by model and number.
    public var repository: [RepositoryEntry] {
        guard let routes = try? currentRoutes() else { return [] }
        let ready = routes.models.keys.map { RepositoryEntry(id: $0) }
        let failed = routes.failures.map { RepositoryEntry(id: $0, reason: $1.message) }
        return (ready + failed).sorted { ($0.id.model, $0.id.version) < ($1.id.model, $1.id.version) }
    }
}
