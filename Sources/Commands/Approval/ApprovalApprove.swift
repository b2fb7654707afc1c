internal import ArgumentParser
internal import Domain

/// `martlet approval approve ID`.
struct ApprovalApprove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Agree; never by who made the run, the version or the policy.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The request's number.") var id: Int64
    @Option(help: "Why; kept for the auditor.") var reason: String = ""

    func run() async throws {
        let value = try await client.withClient {
            try await $0.post(["approvals", "\(id)", "approve"], ["reason": .string(reason)])
        }
        try output.show(value, fields: ApprovalCommand.fields)
    }
}
