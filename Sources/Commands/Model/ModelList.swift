internal import ArgumentParser
internal import Domain

/// `martlet model list`.
struct ModelList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List registered models.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let items = try await client.withClient { try await $0.items(["models"]) }
        try output.show(
            list: items,
            columns: [
                Column("MODEL", "name"), .number("VERSIONS", "versions"), .number("NEWEST", "newest_version"),
                Column("ALIASES", "aliases"),
            ], whenEmpty: "No models. Register one with the MLflow client.")
    }
}
