internal import ArgumentParser
internal import Domain

/// `martlet webhook list`.
struct WebhookList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List webhooks, newest first.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        // As many as a server has.
        let items = try await client.withClient { client in
            try await client.items(["webhooks"], query: [("max_results", "1000")], max: 1_000)
        }
        try output.show(
            list: items,
            columns: [
                Column("ID", "id"), Column("NAME", "name"), Column("STATUS", "status"),
                Column("EVENTS") { WebhookCommand.events($0) }, Column("URL", "url"),
            ], whenEmpty: "No webhooks. Make one: MlflowClient().create_webhook(name=…, url=…, events=[…])")
    }
}
