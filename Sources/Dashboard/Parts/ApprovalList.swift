import Domain

/// Requests for approval with the decisions taken on them.
enum ApprovalList {
    static func html(_ approvals: [Approval], now: Timestamp) -> HTML {
        ul(.class("approvals")) { for approval in approvals { li { item(approval, now: now) } } }
    }

    private static func item(_ approval: Approval, now: Timestamp) -> HTML {
        .group([
            div(.class("approval-head")) {
                Badge(approval.state).html
                strong(text: "Request \(approval.id)")
                " for "
                subject(approval.subject)
                " by "
                bdi(text: approval.requestedByName)
                ", "
                TimeText.ago(approval.requestedAt, now: now)
            },
            p(
                .class("muted"),
                text: "Needs \(NumberText.counted(approval.rule.count, "approval")) by role "
                    + "\(approval.rule.role.rawValue), under policy version \(approval.policyVersion)."),
            decisions(approval, now: now),
        ])
    }

    private static func decisions(_ approval: Approval, now: Timestamp) -> HTML {
        guard !approval.decisions.isEmpty else {
            return EmptyState(
                text: "No decision yet.", commands: ["martlet approval approve \(approval.id) --reason '…'"]
            ).html
        }
        return ul(.class("decisions")) {
            for decision in approval.decisions {
                li {
                    strong { bdi(text: decision.principalName) }
                    decision.approves ? " approved " : " rejected "
                    TimeText.ago(decision.time, now: now)
                    if !decision.reason.isEmpty {
                        ": “"
                        bdi(text: decision.reason)
                        "”"
                    }
                }
            }
        }
    }

    private static func subject(_ subject: Approval.Subject) -> HTML {
        switch subject {
        case .modelVersion(let id): Reference.version(id.model, id.version, text: id.description)
        case .policy(let model, let version):
            .group([.text("policy version \(version) of "), Reference.model(model)])
        }
    }
}
