internal import ArgumentParser

/// `martlet audit list`
struct AuditList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List events, newest first.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions
    @Option(help: "Only what this principal did.") var actor: String?
    @Option(help: "Only actions that begin so, for example 'alias.'.") var action: String?
    @Option(help: "Only subjects that begin so, for example 'models/churn'.") var subject: String?
    @Option(help: "Events at most.") var limit = 50

    func run() async throws {
        let items = try await client.withClient {
            try await $0.items(
                ["audit"], query: [("actor", actor), ("action", action), ("subject", subject)], max: limit)
        }
        try output.show(
            list: items,
            columns: [
                .number("SEQUENCE", "sequence"), .time("TIME", "time"), Column("WHO", "actor_name"),
                Column("ACTION", "action"), Column("SUBJECT", "subject"),
            ],
            whenEmpty: "There are no such events.")
    }
}
