internal import ArgumentParser
internal import Domain

/// `martlet endpoint show NAME`.
struct EndpointShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one endpoint.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The endpoint's name: that of its registered model.")
    var name: String

    func run() async throws {
        let value = try await client.withClient { try await $0.get(["endpoints", name]) }
        try output.show(
            value,
            fields: [
                Column("Endpoint", "name"), Column("Id", "id"), Column("Versions") { EndpointCommand.variants($0) },
                Column("Policy version", "policy_version"), Column("Records", "record.mode"),
                Column("Rollout", "rollout_id"), .time("Changed", "updated_at"),
            ])
    }
}
