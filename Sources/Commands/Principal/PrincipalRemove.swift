internal import ArgumentParser

/// `martlet principal remove NAME`
struct PrincipalRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a principal and revoke its keys. Its name stays taken.")

    @OptionGroup var client: ClientOptions
    @Argument var name: String

    func run() async throws {
        try await client.withClient { try await $0.delete(["principals", name]) }
        print("Removed \(name).")
    }
}
