internal import ArgumentParser

/// `martlet webhook show ID`.
struct WebhookShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one webhook. Its secret is shown to nobody.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The webhook's id.")
    var id: String

    func run() async throws {
        let value = try await client.withClient { try await $0.get(["webhooks", id]) }
        try output.show(value, fields: WebhookCommand.fields)
    }
}
