internal import ArgumentParser
internal import Domain

/// `martlet principal create NAME --role ROLE`
struct PrincipalCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create a principal. It gets its keys by `martlet key create`.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "Letters, digits, '.', '_', '-' and '@'.") var name: String
    @Option(help: "viewer, contributor, approver, operator or administrator; may be repeated.") var role: [String]

    func run() async throws {
        let account = try await client.withClient {
            try await $0.post(
                ["principals"], ["name": .string(name), "roles": .array(role.map { .string($0) })])
        }
        try output.show(account, text: "Created \(name). Next: martlet key create \(name)")
    }
}
