internal import ArgumentParser

/// `martlet key list`
struct KeyList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List keys: your own, or all as an administrator. Never their secrets.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let items = try await client.withClient { try await $0.items(["keys"]) }
        try output.show(
            list: items,
            columns: [
                Column("ID", "id"), Column("PRINCIPAL", "principal_name"), Column("LABEL", "label"),
                Column("ONLY MODEL", "only_model"), .time("CREATED", "created_at"), .time("EXPIRES", "expires_at"),
                .time("REVOKED", "revoked_at"),
            ],
            whenEmpty: "There are no keys.")
    }
}
