internal import ArgumentParser
internal import Domain

/// `martlet approval`.
struct ApprovalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approval", abstract: "Four eyes: ask, approve or reject; never one's own work.",
        subcommands: [
            ApprovalRequest.self, ApprovalApprove.self, ApprovalReject.self, ApprovalList.self, ApprovalShow.self,
        ])

    static let fields: [Column] = [
        Column("Approval", "id"), Column("Of") { subject($0) }, Column("State", "state"),
        Column("Asked by", "requested_by"), .time("Asked", "requested_at"), Column("Needs") { needs($0) },
        Column("Policy version", "policy_version"), Column("Decisions") { decisions($0) },
    ]

    /// `pump 3`, or `policy 2 of pump`.
    static func subject(_ value: JSONValue) -> String {
        let (model, version) = (Column.plain(value["model"]), Column.plain(value["version"]))
        return value["kind"] == "policy" ? "policy \(version) of \(model)" : "\(model) \(version)"
    }

    /// `2 approver`.
    static func needs(_ value: JSONValue) -> String {
        "\(Column.plain(value["count"])) \(Column.plain(value["role"]))"
    }

    /// `lee approved: Evidence checked.`
    static func decisions(_ value: JSONValue) -> String {
        let words = (value["decisions"]?.arrayValue ?? []).map { decision in
            let verb = decision["approves"] == true ? "approved" : "rejected"
            let reason = decision["reason"]?.stringValue ?? ""
            return "\(Column.plain(decision["principal_name"])) \(verb)" + (reason.isEmpty ? "" : ": \(reason)")
        }
        return words.isEmpty ? "-" : words.joined(separator: "; ")
    }
}
