internal import Domain

/// Stands where policies will: no model is governed.
struct UngovernedModels: ChampionAliasGuard {
    func championAlias(model: String) async throws -> String? { nil }
}
