internal import ArgumentParser
internal import Domain

/// `martlet approval show ID`.
struct ApprovalShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a request with its decisions; as JSON also with the readiness it rests on."
    )

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The request's number.") var id: Int64

    func run() async throws {
        let value = try await client.withClient { try await $0.get(["approvals", "\(id)"]) }
        try output.show(value, fields: ApprovalCommand.fields)
    }
}
