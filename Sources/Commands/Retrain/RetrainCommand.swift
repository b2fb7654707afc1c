internal import ArgumentParser
internal import Domain

/// `martlet retrain`.
struct RetrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retrain", abstract: "Train a model anew with the command that its policy names.",
        subcommands: [RetrainStart.self, RetrainList.self, RetrainShow.self])

    static let fields: [Column] = [
        Column("Run", "id"), Column("Model", "model"), Column("State", "state"), Column("Trigger", "trigger"),
        Column("Reason", "reason"), Column("Started by", "started_by"), .time("Started", "started_at"),
        .time("Ended", "ended_at"), Column("Exit code", "exit_code"), Column("Data set rows", "dataset_rows"),
        Column("Data set", "dataset_digest"), Column("Versions", "versions"),
    ]
}
