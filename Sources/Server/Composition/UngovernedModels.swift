internal import Domain

/// Stands where policies and preparation will: no model is governed, and nobody waits for new versions.
struct UngovernedModels: ChampionAliasGuard, VersionCreatedListener {
    func championAlias(model: String) async throws -> String? { nil }
    func versionCreated(_ id: ModelVersionID) {}
}
