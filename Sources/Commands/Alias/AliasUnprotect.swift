internal import ArgumentParser

/// `martlet alias unprotect MODEL ALIAS`
struct AliasUnprotect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unprotect", abstract: "Let every contributor move an alias again.")

    @OptionGroup var client: ClientOptions
    @Argument(help: "The registered model's name.") var model: String
    @Argument var alias: String

    func run() async throws {
        try await client.withClient { try await $0.delete(["models", model, "alias-rules", alias]) }
        print("Every contributor may move the alias \(alias) of \(model) again.")
    }
}
