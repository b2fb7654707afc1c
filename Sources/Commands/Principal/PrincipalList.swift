internal import ArgumentParser

/// `martlet principal list`
struct PrincipalList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List all principals.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let items = try await client.withClient { try await $0.items(["principals"]) }
        try output.show(
            list: items,
            columns: [
                Column("NAME", "name"), Column("ROLES", "roles"), .time("CREATED", "created_at"),
                .time("REMOVED", "disabled_at"),
                .number("REQUESTS/S", "limits.requests_per_second"), .number("REQUESTS/DAY", "limits.requests_per_day"),
            ],
            whenEmpty: "There are no principals.")
    }
}
