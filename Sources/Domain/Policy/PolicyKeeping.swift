/// The port through which policies are kept, version by version. A change and its audit event are one transaction.
public protocol PolicyKeeping: Sendable {
    /// Keeps a policy as the model's next version.
    ///
    /// It is in force at once where it loosens nothing against the version in force; else it waits, and the approval that
    /// it waits for is made in the same transaction. A policy equal to the one in force makes no version.
    ///
    /// - Parameters:
    ///   - document: the text as it was written.
    ///   - loosened: what the second policy loosens against the first, a sentence each.
    /// - Throws: `failedPrecondition` while an earlier version of the model's policy waits for its approval.
    func apply(
        _ policy: Policy, document: String, by actor: Principal,
        loosened: @escaping @Sendable (_ inForce: Policy, _ new: Policy) -> [String]
    ) async throws -> PolicyVersion
    /// The policy that governs a model; nil where none does.
    func policyInForce(_ model: String) async throws -> PolicyVersion?
    /// All policies in force, models ascending.
    func policiesInForce() async throws -> [PolicyVersion]
    /// All versions of a model's policy, newest first; empty where there is none.
    func policyVersions(_ model: String) async throws -> [PolicyVersion]
    /// - Throws: `notFound`.
    func policyVersion(_ model: String, _ version: Int) async throws -> PolicyVersion
}
