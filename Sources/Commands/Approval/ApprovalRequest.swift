internal import ArgumentParser
internal import Domain

/// `martlet approval request MODEL VERSION`.
struct ApprovalRequest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request", abstract: "Ask that a ready version may be rolled out.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The registered model's name.") var model: String
    @Argument(help: "The version's number.") var version: Int

    func run() async throws {
        let value = try await client.withClient {
            try await $0.post(["approvals"], ["model": .string(model), "version": .int(Int64(version))])
        }
        try output.show(value, fields: ApprovalCommand.fields)
    }
}
