internal import ArgumentParser
internal import Domain

/// `martlet alias protect MODEL ALIAS`
struct AliasProtect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "protect", abstract: "Let only some move an alias; replaces the rule that it had.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The registered model's name.") var model: String
    @Argument var alias: String
    @Option(help: "Who holds this role may: contributor, approver, operator or administrator; may be repeated.")
    var role: [String] = []
    @Option(help: "This principal may, by name; may be repeated.") var principal: [String] = []

    func validate() throws {
        guard !role.isEmpty || !principal.isEmpty else {
            throw ValidationError("Say who may move it: --role approver, or --principal NAME.")
        }
    }

    func run() async throws {
        let rule = try await client.withClient {
            try await $0.put(
                ["models", model, "alias-rules", alias],
                [
                    "roles": .array(role.map { .string($0) }), "principals": .array(principal.map { .string($0) }),
                ])
        }
        let allowed = (role.map { "role \($0)" } + principal).joined(separator: ", ")
        try output.show(rule, text: "The alias \(alias) of \(model) is now moved only by: \(allowed).")
    }
}
