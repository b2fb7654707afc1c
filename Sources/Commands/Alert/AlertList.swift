internal import ArgumentParser
internal import Domain

/// `martlet alert list`.
struct AlertList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List alerts, newest first.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "Only those of this endpoint.")
    var endpoint: String?

    @Option(help: "Only those that are pending, firing or resolved.")
    var state: String?

    @Option(help: "At most this many.")
    var limit: Int = 100

    func validate() throws {
        if let state, Alert.State(rawValue: state) == nil {
            throw ValidationError("--state is pending, firing or resolved.")
        }
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit is 1 to 10000.") }
    }

    func run() async throws {
        let items = try await client.withClient { client in
            try await client.items(
                ["alerts"], query: [("endpoint", endpoint), ("state", state), ("limit", "\(min(limit, 1_000))")],
                max: limit)
        }
        try output.show(
            list: items,
            columns: [
                .number("ID", "id"), Column("STATE", "state"), Column("ENDPOINT", "endpoint"),
                .number("VERSION", "version"), Column("KIND", "kind"), Column("SUBJECT", "subject"),
                .time("SINCE", "started_at"), Column("DETAIL", "detail"),
            ], whenEmpty: "No alerts.")
    }
}
