internal import ArgumentParser
internal import Domain

/// `martlet approval reject ID`.
struct ApprovalReject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Refuse, with the reason; who asked may withdraw so.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The request's number.") var id: Int64
    @Option(help: "Why; kept for the auditor.") var reason: String

    func run() async throws {
        let value = try await client.withClient {
            try await $0.post(["approvals", "\(id)", "reject"], ["reason": .string(reason)])
        }
        try output.show(value, fields: ApprovalCommand.fields)
    }
}
