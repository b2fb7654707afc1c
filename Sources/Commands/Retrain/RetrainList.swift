internal import ArgumentParser
internal import Domain

/// `martlet retrain list`.
struct RetrainList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List retraining runs, newest first.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "Only those of this model.") var model: String?
    @Option(help: "At most this many.") var limit: Int = 100

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit is 1 to 10000.") }
    }

    func run() async throws {
        let items = try await client.withClient { client in
            try await client.items(
                ["retraining"], query: [("model", model), ("limit", "\(min(limit, 1_000))")], max: limit)
        }
        try output.show(
            list: items,
            columns: [
                .number("ID", "id"), Column("STATE", "state"), Column("MODEL", "model"), Column("TRIGGER", "trigger"),
                .time("STARTED", "started_at"), .number("ROWS", "dataset_rows"), Column("VERSIONS", "versions"),
                Column("REASON", "reason"),
            ], whenEmpty: "Nothing was retrained yet.")
    }
}
