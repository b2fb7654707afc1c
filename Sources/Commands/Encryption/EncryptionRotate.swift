internal import ArgumentParser
internal import Domain

/// `martlet encryption rotate`.
struct EncryptionRotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Take a new master key and a new data key into use.",
        discussion: """
            First put the new master key into the key file as its first line and leave the old ones below it. The server reads the
            file again, wraps every data key with the first key, and encrypts with a new data key from now on. What is stored stays
            as it is. When `martlet encryption status` names an old key no more, its line may go from the file. Backups made before
            still need it. Restart a separate inference process afterwards.
            """)

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let value = try await client.withClient { try await $0.post(["encryption", "rotate"]) }
        try output.show(
            value,
            text:
                "\(Column.plain(value["rewrapped"])) data keys were wrapped anew.\n\n\(EncryptionStatusCommand.text(value["status"] ?? .null))"
        )
    }
}
