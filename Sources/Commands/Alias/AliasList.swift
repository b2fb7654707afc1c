internal import ArgumentParser
internal import Domain

/// `martlet alias list MODEL`
struct AliasList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the protected aliases of a model.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The registered model's name.") var model: String

    func run() async throws {
        let items = try await client.withClient { try await $0.items(["models", model, "alias-rules"]) }
        try output.show(
            list: items,
            columns: [
                Column("ALIAS", "alias"), Column("ROLES", "roles"), Column("PRINCIPALS", "principals"),
                Column("SET BY", "set_by"), .time("SET", "set_at"),
            ], whenEmpty: "No alias of \(model) is protected: every contributor may move them.")
    }
}
