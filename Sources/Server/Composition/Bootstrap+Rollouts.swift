internal import Domain
internal import Lifecycle
internal import Storage

extension Bootstrap {
    /// Rollouts over what the monitors see.
    ///
    /// - Parameters:
    ///   - policy: the policy in force of a model; nil where it has none.
    ///   - isApproved: whether a version has the approvals that its policy asks for.
    func makeRollouts(
        registry: Database, publisher: SnapshotPublisher,
        policy: @escaping @Sendable (String) async throws -> PolicyVersion?,
        isApproved: @escaping @Sendable (ModelVersionID) async throws -> Bool, preparations: PreparationStore,
        signatures: any VersionSignatureChecking,
        evidence: any RolloutEvidenceSource, clock: any WallClock
    ) -> RolloutParts {
        let store = RolloutStore(database: registry, clock: clock)
        let gate = RolloutGate(
            policy: policy, isApproved: isApproved, preparation: { try await preparations.preparation($0) },
            signatures: signatures)
        let controller = RolloutController(
            gate: gate, rollouts: store, evidence: evidence, publisher: publisher, clock: clock, logger: logger)
        return RolloutParts(store: store, publisher: publisher, controller: controller)
    }
}
