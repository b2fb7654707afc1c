public import Domain

/// What must be true before a version may be rolled out.
public struct RolloutGate: Sendable {
    private let policy: @Sendable (String) async throws -> PolicyVersion?
    private let isApproved: @Sendable (ModelVersionID) async throws -> Bool
    private let preparation: @Sendable (ModelVersionID) async throws -> VersionPreparation?
    private let signatures: any VersionSignatureChecking

    /// - Parameters:
    ///   - policy: the policy in force of a model; nil where it has none.
    ///   - isApproved: whether a version has the approvals that the policy in force asks for.
    public init(
        policy: @escaping @Sendable (String) async throws -> PolicyVersion?,
        isApproved: @escaping @Sendable (ModelVersionID) async throws -> Bool,
        preparation: @escaping @Sendable (ModelVersionID) async throws -> VersionPreparation?,
        signatures: any VersionSignatureChecking
    ) {
        self.policy = policy
        self.isApproved = isApproved
        self.preparation = preparation
        self.signatures = signatures
    }

    /// What the version's rollout begins with.
    ///
    /// - Throws: `permissionDenied`; `failedPrecondition` naming what is missing: policy, approval, signature or a servable
    ///   model.
    public func draft(_ id: ModelVersionID, by principal: Principal) async throws -> RolloutDraft {
        try Self.require(principal, model: id.model, to: "start rollouts")
        guard let inForce = try await policy(id.model) else {
            throw MartletError.precondition(
                "The model \(id.model) has no policy in force, so nothing says how to roll it out. Apply one with `martlet policy apply`."
            )
        }
        guard try await isApproved(id) else {
            throw MartletError.precondition(
                "The version \(id) is not approved. Ask for it with `martlet approval request \(id.model) \(id.version)`."
            )
        }
        if let rule = inForce.policy.signing { try await signatures.requireSignature(of: id, by: rule) }
        guard let preparation = try await preparation(id), preparation.state != .pending else {
            throw MartletError.precondition("The version \(id) is still being prepared. Try again in a moment.")
        }
        guard preparation.state == .servable else {
            throw MartletError.precondition("The version \(id) cannot be served. \(preparation.detail)")
        }
        return RolloutDraft(
            candidate: id, plan: inForce.policy.rollout, guardrails: inForce.policy.guardrails,
            policyVersion: inForce.version, championAlias: inForce.policy.championAlias)
    }

    /// - Throws: `permissionDenied` without the role operator, or with a key that is confined to another model.
    static func require(_ principal: Principal, model: String, to action: String) throws(MartletError) {
        try principal.require(.operator, to: action)
        guard principal.onlyModel == nil || principal.onlyModel == model else {
            throw MartletError(
                .permissionDenied, "\(principal.name) may \(action) of the model \(principal.onlyModel ?? "") only.")
        }
    }
}
