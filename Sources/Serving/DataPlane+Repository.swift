public import Domain

/// Served by the registry, a data plane tells what is served and does not change it.
extension DataPlane: RepositoryControlling {
    public func index() async throws -> [RepositoryEntry] { repository }

    /// Every version that the data plane was told to serve, by model and number.
    public var repository: [RepositoryEntry] {
        guard let routes = try? currentRoutes() else { return [] }
        let ready = routes.models.keys.map { RepositoryEntry(id: $0) }
        let failed = routes.failures.map { RepositoryEntry(id: $0, reason: $1.message) }
        return (ready + failed).sorted { ($0.id.model, $0.id.version) < ($1.id.model, $1.id.version) }
    }

    /// What versions have answered since they were loaded, by model and number.
    ///
    /// - Parameters:
    ///   - model: nil is all.
    ///   - version: nil is all of the model.
    /// - Throws: `notFound`; `unavailable` where the one version asked for cannot be served.
    public func statistics(model: String? = nil, version: Int? = nil) throws(MartletError) -> [ServedModelStatistics] {
        let routes = try currentRoutes()
        if let model, let version {
            return [try routes.model(ModelVersionID(model: model, version: version)).statistics]
        }
        let loaded = routes.models.values.filter { model == nil || $0.version.id.model == model }
        if let model, loaded.isEmpty { _ = try routes.endpoint(model) }
        return loaded.map(\.statistics).sorted { ($0.id.model, $0.id.version) < ($1.id.model, $1.id.version) }
    }

    /// Answers a call to load a model. What is served follows the registry and the endpoints, so there is nothing to do for a model
    /// that is ready.
    ///
    /// - Throws: `notFound`; `unavailable` where it cannot be served, saying why; `unimplemented` for overrides.
    public func load(_ model: String, _ overrides: ModelLoadOverrides = .init()) throws(MartletError) {
        if let override = overrides.first {
            throw MartletError(
                .unimplemented,
                "The parameter \"\(override.prefix(64))\" is not taken: a model is served as it was registered. Register a new version.",
                field: override)
        }
        if try currentRoutes().endpoints[model] != nil {
            // Ready is what answers the endpoint's calls, not any version.
            _ = try metadata(model: model, version: nil)
            return
        }
        let entries = repository.filter { $0.id.model == model }
        guard !entries.isEmpty else {
            throw MartletError.notFound("There is no model \(model) to load. Register it first.")
        }
        guard !entries.contains(where: \.isReady), let reason = entries.last?.reason else { return }
        throw MartletError(.unavailable, "The model \(model) cannot be served. \(reason)")
    }

    /// Answers a call to unload a model, which is always refused: what is served is governed by endpoints and the registry, and
    /// no single call may take a model away from its callers.
    ///
    /// - Throws: `notFound`, or `failedPrecondition` naming the way to do it.
    public func unload(_ model: String) throws(MartletError) {
        let routes = try currentRoutes()
        if let endpoint = routes.endpoints[model] {
            let champion = endpoint.champion.map { " (champion: version \($0.version))" } ?? ""
            throw MartletError.precondition(
                "The endpoint \(model) serves this model\(champion): a rollout replaces it, and no call unloads it.")
        }
        guard repository.contains(where: { $0.id.model == model }) else {
            throw MartletError.notFound("There is no model \(model) to unload.")
        }
        throw MartletError.precondition(
            "The versions of \(model) are served because they are registered. Delete a version in the registry to unload it."
        )
    }
}
