internal import ArgumentParser

/// `martlet key revoke ID`
struct KeyRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "revoke", abstract: "Revoke a key, at once.")

    @OptionGroup var client: ClientOptions
    @Argument(help: "The id, as `martlet key list` shows it.") var id: String

    func run() async throws {
        try await client.withClient { try await $0.delete(["keys", id]) }
        print("Revoked \(id).")
    }
}
