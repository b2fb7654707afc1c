internal import ArgumentParser
internal import Domain

/// `martlet webhook deliveries ID`.
struct WebhookDeliveries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries",
        abstract: "List what was sent to a webhook and what came of it, newest first. Kept for 30 days.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The webhook's id.")
    var id: String

    @Option(help: "Only those that are pending, delivered or failed.")
    var state: String?

    @Option(help: "At most this many.")
    var limit: Int = 100

    func validate() throws {
        if let state, WebhookDelivery.State(rawValue: state) == nil {
            throw ValidationError("--state is pending, delivered or failed.")
        }
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit is 1 to 10000.") }
    }

    func run() async throws {
        let items = try await client.withClient { client in
            try await client.items(
                ["webhooks", id, "deliveries"], query: [("state", state), ("max_results", "\(min(limit, 1_000))")],
                max: limit)
        }
        try output.show(
            list: items,
            columns: [
                Column("ID", "id"), .time("TIME", "created_at"), Column("EVENT", "event"), Column("STATE", "state"),
                .number("ATTEMPTS", "attempts"), .number("ANSWER", "response_status"),
                .time("NEXT", "next_attempt_at"), Column("ERROR", "error"),
            ], whenEmpty: "No deliveries.")
    }
}
