internal import Domain

/// Narrow keys whose end is felt at once: a revoked key is forgotten by the authenticator too, which remembers keys for a while.
struct ForgettingKeys: NarrowKeyIssuing {
    let keys: any NarrowKeyIssuing
    let authenticator: Authenticator

    func issueNarrowKey(model: String, purpose: String, validSeconds: Int, actor: Principal) async throws -> IssuedKey {
        try await keys.issueNarrowKey(model: model, purpose: purpose, validSeconds: validSeconds, actor: actor)
    }

    func revokeNarrowKey(id: String, actor: Principal) async throws {
        try await keys.revokeNarrowKey(id: id, actor: actor)
        authenticator.forget()
    }
}
