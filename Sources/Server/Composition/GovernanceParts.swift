internal import Lifecycle
internal import Storage

/// Policies, readiness and approvals: what their routes and pages need.
struct GovernanceParts: Sendable {
    let policies: PolicyStore
    let policyService: PolicyService
    let readiness: ReadinessService
    let approvalStore: ApprovalStore
    let approvals: ApprovalService
}
