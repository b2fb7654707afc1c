internal import ArgumentParser
internal import Domain

/// `martlet webhook redeliver ID DELIVERY`.
struct WebhookRedeliver: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redeliver", abstract: "Send a finished delivery again: the same bytes under the same id.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The webhook's id.")
    var id: String

    @Argument(help: "The delivery's id.")
    var delivery: String

    func run() async throws {
        let value = try await client.withClient {
            try await $0.post(["webhooks", id, "deliveries", delivery, "redeliver"], [:])
        }
        try output.show(value, fields: WebhookCommand.deliveryFields)
    }
}
