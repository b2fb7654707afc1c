public import Domain

/// Decides what a decision makes of a request. Pure: the state before and who decides go in, the state after comes out.
public enum ApprovalMachine {
    /// Longest reason.
    static let reasonCharactersMax = 1_000

    /// - Parameters:
    ///   - authors: who made what is asked about; none of them may agree to it.
    ///   - inForce: the policy that governs the model now.
    /// - Throws: `failedPrecondition` if it is decided already or the policy changed since; `permissionDenied` for an
    ///   author, for a missing role, for a narrow key, and for a second decision of one principal; `invalidArgument`.
    public static func decide(
        _ approval: Approval, _ decision: Approval.Decision, by principal: Principal, authors: Set<Principal.ID>,
        inForce: PolicyVersion?
    ) throws(MartletError) -> Approval {
        try check(decision)
        guard approval.state == .pending else {
            throw MartletError.precondition("The request \(approval.id) is \(approval.state.rawValue) already.")
        }
        try checkRole(approval, decision, principal)
        if decision.approves {
            try checkPolicy(approval, inForce)
            try checkFourEyes(approval, principal, authors, inForce)
        }
        var after = approval
        after.decisions.append(decision)
        let agreed = Set(after.decisions.filter(\.approves).map(\.principal)).count
        if !decision.approves {
            after.state = .rejected
        } else if agreed >= approval.rule.count {
            after.state = .approved
        }
        return after
    }

    private static func check(_ decision: Approval.Decision) throws(MartletError) {
        guard decision.reason.count <= reasonCharactersMax else {
            throw MartletError.invalid("A reason has at most \(reasonCharactersMax) characters.", field: "reason")
        }
        guard decision.approves || decision.reason.contains(where: { !$0.isWhitespace }) else {
            throw MartletError.invalid("Whoever rejects says why.", field: "reason")
        }
    }

    /// Who asked may always withdraw.
    private static func checkRole(
        _ approval: Approval, _ decision: Approval.Decision, _ principal: Principal
    ) throws(MartletError) {
        if !decision.approves, principal.id == approval.requestedBy { return }
        guard principal.onlyModel == nil else {
            throw MartletError(.permissionDenied, "A key that is confined to one model decides nothing.")
        }
        try principal.require(approval.rule.role, to: decision.approves ? "approve" : "reject")
    }

    private static func checkPolicy(_ approval: Approval, _ inForce: PolicyVersion?) throws(MartletError) {
        guard case .modelVersion(let id) = approval.subject, inForce?.version != approval.policyVersion else { return }
        throw MartletError.precondition(
            "The policy of \(id.model) changed after this was asked. Ask again: `martlet approval request \(id.model) \(id.version)`."
        )
    }

    private static func checkFourEyes(
        _ approval: Approval, _ principal: Principal, _ authors: Set<Principal.ID>, _ inForce: PolicyVersion?
    ) throws(MartletError) {
        var made = authors
        if case .modelVersion = approval.subject, let author = inForce?.author { made.insert(author) }
        if made.contains(principal.id) {
            let what =
                switch approval.subject {
                case .modelVersion: "the run, the version or the policy in force"
                case .policy: "this policy"
                }
            let hint =
                principal.id == Principal.developer.id
                ? " With --dev there is one principal only: run the server without it to approve." : ""
            throw MartletError(
                .permissionDenied,
                "\(principal.name) made \(what) and may not approve it: another principal must.\(hint)")
        }
        if approval.decisions.contains(where: { $0.principal == principal.id }) {
            throw MartletError(.permissionDenied, "\(principal.name) has decided on this request already.")
        }
    }
}
