internal import ArgumentParser
internal import Domain

/// `martlet rollout`.
struct RolloutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollout", abstract: "Bring an approved version to its endpoint, step by step.",
        subcommands: [
            RolloutStart.self, RolloutList.self, RolloutShow.self, RolloutPause.self, RolloutResume.self,
            RolloutAbort.self,
        ])

    static let fields: [Column] = [
        Column("Rollout", "id"), Column("Endpoint", "endpoint"), Column("Candidate", "candidate"),
        Column("Champion", "champion"), Column("State", "state"), Column("Step") { step($0) },
        Column("Policy version", "policy_version"), Column("Started by", "started_by"),
        .time("Started", "started_at"), .time("Step since", "step_started_at"), Column("Reason", "reason"),
    ]

    /// `2 of 3: 10 %`.
    static func step(_ rollout: JSONValue) -> String {
        let steps = rollout["plan"]?["steps"]?.arrayValue ?? []
        guard let index = rollout["step"]?.intValue.map({ Int($0) }), steps.indices.contains(index) else {
            return rollout["state"]?.stringValue == "promoted" ? "all" : "-"
        }
        let share = steps[index]["weight_percent"]?.doubleValue.map { "\(Column.plain(.double($0))) %" } ?? "shadow"
        return "\(index + 1) of \(steps.count): \(share)"
    }
}
