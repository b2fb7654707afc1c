internal import ArgumentParser
internal import Domain

/// `martlet policy list`.
struct PolicyList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the policies in force.")

    static let columns: [Column] = [
        Column("MODEL", "model"), .number("VERSION", "version"), Column("STATE", "state"), Column("AUTHOR", "author"),
        .time("APPLIED", "applied_at"), .time("IN FORCE", "in_force_at"), Column("LOOSENS", "loosens"),
    ]

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let items = try await client.withClient { try await $0.items(["policies"]) }
        try output.show(
            list: items, columns: Self.columns,
            whenEmpty: "No policies are in force. Write one and run `martlet policy apply FILE`.")
    }
}
