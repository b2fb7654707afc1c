internal import ArgumentParser
internal import Domain

/// `martlet encryption status`.
struct EncryptionStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Which master keys and data keys there are, by id.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let value = try await client.withClient { try await $0.get(["encryption"]) }
        try output.show(value, text: Self.text(value))
    }

    static func text(_ value: JSONValue) -> String {
        guard value["is_on"] == .bool(true) else {
            return "Off: start the server with --encryption-key-file."
        }
        let head = Table.fields(
            value, [Column("Master keys", "master_keys"), Column("Current", "current_master_key")])
        let keys = Table(
            value["data_keys"]?.arrayValue ?? [],
            columns: [
                Column("DATA KEY", "id"), Column("WRAPPED BY", "master_key"), .time("CREATED", "created_at"),
                Column("CURRENT", "is_current"),
            ])
        return head + "\n\n" + keys.text
    }
}
