public import Domain

/// Requests for approval and the decisions on them.
public struct ApprovalService: Sendable {
    private let approvals: any ApprovalKeeping
    private let policies: any PolicyKeeping
    private let registry: any RegistryReading
    private let readiness: ReadinessService
    private let policyService: PolicyService
    private let clock: any WallClock

    public init(
        approvals: any ApprovalKeeping, policies: any PolicyKeeping, registry: any RegistryReading,
        readiness: ReadinessService, policyService: PolicyService, clock: any WallClock
    ) {
        self.approvals = approvals
        self.policies = policies
        self.registry = registry
        self.readiness = readiness
        self.policyService = policyService
        self.clock = clock
    }

    /// Asks that a version may be rolled out. It must be ready; the readiness is kept with the request.
    ///
    /// - Throws: `permissionDenied`; `notFound`; `failedPrecondition` without a policy, naming the criteria that are not met,
    ///   or where the version is approved or waits already.
    public func request(_ id: ModelVersionID, by principal: Principal) async throws -> Approval {
        guard principal.may(.contributor) || principal.may(.operator) else {
            throw MartletError(
                .permissionDenied,
                "\(principal.name) may not request approval: that needs the role contributor or operator.")
        }
        guard principal.onlyModel == nil || principal.onlyModel == id.model else {
            throw MartletError(.permissionDenied, "This key is confined to the model \(principal.onlyModel ?? "").")
        }
        let report = try await readiness.report(id)
        guard report.isReady else {
            let missing = report.rows.filter { $0.status != .met }.map { "\($0.criterion) is \($0.status.rawValue)" }
            throw MartletError.precondition(
                "The version \(id) is not ready: \(missing.joined(separator: ", ")). See `martlet readiness \(id.model) \(id.version)`."
            )
        }
        guard let policy = try await policies.policyInForce(id.model), policy.version == report.policyVersion else {
            throw MartletError.precondition("The policy of \(id.model) changed just now. Try again.")
        }
        if try await isApproved(id) {
            throw MartletError.precondition(
                "The version \(id) is approved already. Roll it out: `martlet rollout start \(id.model) \(id.version)`."
            )
        }
        return try await approvals.request(id, policyVersion: policy, readiness: report, by: principal)
    }

    /// Approves or rejects.
    ///
    /// - Throws: `notFound`; what `ApprovalMachine.decide` throws.
    public func decide(_ id: Int64, approves: Bool, reason: String, by principal: Principal) async throws -> Approval {
        let authors = try await authors(of: try await approvals.approval(id).subject)
        let decision = Approval.Decision(
            principal: principal.id, principalName: principal.name, approves: approves, reason: reason,
            time: clock.now())
        let after = try await approvals.decide(id, by: principal) { approval, inForce in
            try ApprovalMachine.decide(approval, decision, by: principal, authors: authors, inForce: inForce)
        }
        if case .policy = after.subject, after.state == .approved { await policyService.publish() }
        return after
    }

    /// Whether the version was approved under the policy in force. A later policy asks anew.
    public func isApproved(_ id: ModelVersionID) async throws -> Bool {
        guard let policy = try await policies.policyInForce(id.model) else { return false }
        return try await approvals.approvals(of: id).contains {
            $0.state == .approved && $0.policyVersion == policy.version
        }
    }

    /// Who made it: of a version those who made its run, its logged model and itself; of a policy who wrote it. All of this
    /// is what the server authenticated, never what a client says of itself.
    private func authors(of subject: Approval.Subject) async throws -> Set<Principal.ID> {
        switch subject {
        case .modelVersion(let id):
            let record = try await registry.versionRecord(id)
            var authors = record.authors
            if let runID = record.runID { authors.insert(try await registry.runRecord(runID).createdBy) }
            return authors
        case .policy(let model, let version):
            return [try await policies.policyVersion(model, version).author]
        }
    }
}
