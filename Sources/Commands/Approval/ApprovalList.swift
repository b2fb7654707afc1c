internal import ArgumentParser
internal import Domain

/// `martlet approval list`.
struct ApprovalList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List requests for approval, newest first.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "Only those of this model and its policy.") var model: String?
    @Option(help: "Only those that are pending, approved or rejected.") var state: String?
    @Option(help: "At most this many.") var limit: Int = 100

    func validate() throws {
        if let state, Approval.State(rawValue: state) == nil {
            throw ValidationError("--state is pending, approved or rejected.")
        }
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit is 1 to 10000.") }
    }

    func run() async throws {
        let items = try await client.withClient { client in
            try await client.items(
                ["approvals"], query: [("model", model), ("state", state), ("limit", "\(min(limit, 1_000))")],
                max: limit)
        }
        try output.show(
            list: items,
            columns: [
                .number("ID", "id"), Column("STATE", "state"), Column("OF") { ApprovalCommand.subject($0) },
                Column("ASKED BY", "requested_by"), .time("ASKED", "requested_at"),
                Column("NEEDS") { ApprovalCommand.needs($0) },
                Column("DECISIONS") { ApprovalCommand.decisions($0) },
            ], whenEmpty: "No requests for approval.")
    }
}
