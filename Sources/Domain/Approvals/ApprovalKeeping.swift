/// The port through which approvals are kept. A change and its audit event are one transaction.
public protocol ApprovalKeeping: Sendable {
    /// Keeps a request for a version, with the readiness that it rests on. One that waits under an earlier policy is closed.
    ///
    /// - Throws: `failedPrecondition` if a request of the version waits already, or if `policyVersion` is not in force.
    func request(
        _ version: ModelVersionID, policyVersion: PolicyVersion, readiness: ReadinessReport, by actor: Principal
    ) async throws -> Approval
    /// Reads a request with the policy that is in force, hands both to `decide`, and keeps what comes of it. A policy whose
    /// loosening is approved comes in force in the same transaction; one that is rejected never does.
    ///
    /// - Throws: `notFound`; what `decide` throws, and then nothing is changed.
    func decide(
        _ id: Int64, by actor: Principal, _ decide: @escaping @Sendable (Approval, PolicyVersion?) throws -> Approval
    ) async throws -> Approval
    /// - Throws: `notFound`.
    func approval(_ id: Int64) async throws -> Approval
    /// The readiness that a request rests on; nil for that of a policy.
    func readiness(ofApproval id: Int64) async throws -> ReadinessReport?
    /// Newest first.
    /// - Parameters:
    ///   - model: nil takes those of all models.
    ///   - before: only ids below it, for the next page.
    ///   - limit: 1…1,000.
    func approvals(model: String?, state: Approval.State?, before: Int64?, limit: Int) async throws -> [Approval]
    /// All of one version, newest first.
    func approvals(of version: ModelVersionID) async throws -> [Approval]
}
