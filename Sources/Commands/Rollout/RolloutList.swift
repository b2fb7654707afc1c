internal import ArgumentParser
internal import Domain

/// `martlet rollout list`.
struct RolloutList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List rollouts, newest first.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "Only those of this endpoint.")
    var endpoint: String?

    @Option(help: "At most this many.")
    var limit: Int = 100

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit is 1 to 10000.") }
    }

    func run() async throws {
        let items = try await client.withClient { client in
            try await client.items(
                ["rollouts"], query: [("endpoint", endpoint), ("limit", "\(min(limit, 1_000))")], max: limit)
        }
        try output.show(
            list: items,
            columns: [
                .number("ID", "id"), Column("ENDPOINT", "endpoint"), .number("CANDIDATE", "candidate"),
                .number("CHAMPION", "champion"), Column("STATE", "state"), Column("STEP") { RolloutCommand.step($0) },
                .time("STARTED", "started_at"), Column("BY", "started_by"), Column("REASON", "reason"),
            ], whenEmpty: "No rollouts.")
    }
}
