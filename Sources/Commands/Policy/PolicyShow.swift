internal import ArgumentParser
internal import Domain

/// `martlet policy show MODEL`.
struct PolicyShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show the policy in force of a model, or one version, or all of them.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The registered model's name.") var model: String
    @Option(help: "This version of the policy, in force or not.") var version: Int?
    @Flag(help: "List every version of the policy, newest first.") var history = false

    func validate() throws {
        if history, version != nil { throw ValidationError("Give --version or --history.") }
    }

    func run() async throws {
        if history {
            let items = try await client.withClient { try await $0.items(["policies", model, "versions"]) }
            return try output.show(list: items, columns: PolicyList.columns, whenEmpty: "\(model) has no policy.")
        }
        let path = ["policies", model] + (version.map { ["versions", "\($0)"] } ?? [])
        let value = try await client.withClient { try await $0.get(path) }
        try output.show(value, text: Self.text(value))
    }

    /// The document as it was written, under lines that say what it is.
    private static func text(_ value: JSONValue) -> String {
        let head = Table.fields(
            value,
            [
                Column("# Version", "version"), Column("# State", "state"), Column("# Author", "author"),
                .time("# Applied", "applied_at"), .time("# In force", "in_force_at"), Column("# Loosens", "loosens"),
            ])
        let lines = (value["document"]?.stringValue ?? "").split(separator: "\n", omittingEmptySubsequences: false)
        return head + "\n\n" + lines.map { Table.clean(String($0)) }.joined(separator: "\n")
    }
}
