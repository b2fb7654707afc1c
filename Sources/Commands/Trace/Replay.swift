internal import ArgumentParser
internal import Domain

/// `martlet replay PREDICTION_ID`.
struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Compute a recorded prediction again and compare. Exit code 2 if it differs.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The prediction id, as the answer carried it.")
    var id: String

    func run() async throws {
        let value = try await client.withClient { try await $0.post(["predictions", id, "replay"]) }
        try output.show(
            value,
            fields: [
                Column("Prediction", "prediction_id"), Column("Endpoint", "endpoint"), Column("Version", "version"),
                Column("Identical", "is_identical"), Column("Same runtime", "is_same_runtime"),
                Column("Recorded on", "recorded_runtime"), Column("Computed on", "present_runtime"),
                Column("Largest difference", "max_absolute_difference"), Column("Finding", "detail"),
            ])
        if value["is_identical"] != true { throw CommandExit.answeredNo }
    }
}
