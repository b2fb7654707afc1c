internal import ArgumentParser
internal import Domain

/// `martlet endpoint list`.
struct EndpointList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List endpoints with their traffic split.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let items = try await client.withClient { try await $0.items(["endpoints"]) }
        try output.show(
            list: items,
            columns: [
                Column("ENDPOINT", "name"), Column("VERSIONS") { EndpointCommand.variants($0) },
                .number("POLICY", "policy_version"), .number("ROLLOUT", "rollout_id"), .time("CHANGED", "updated_at"),
            ], whenEmpty: "No endpoints. A model's first rollout makes its endpoint.")
    }
}
