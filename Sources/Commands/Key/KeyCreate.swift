internal import ArgumentParser
internal import Domain

/// `martlet key create [PRINCIPAL]`
struct KeyCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create an API key. It is shown once and kept nowhere.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "Whose key; your own if left out.") var principal: String?
    @Option(help: "What you call it.") var label = ""
    @Option(help: "Seconds until it expires; never if left out.") var validSeconds: Int?
    @Option(help: "Confine it to one registered model.") var onlyModel: String?

    func run() async throws {
        var body: [String: JSONValue] = ["label": .string(label)]
        if let principal { body["principal"] = .string(principal) }
        if let validSeconds { body["valid_seconds"] = .int(Int64(validSeconds)) }
        if let onlyModel { body["only_model"] = .string(onlyModel) }
        let issued = try await client.withClient { try await $0.post(["keys"], .object(body)) }
        // Only the key on standard output, so that a script can take it.
        try output.show(issued, text: issued["key"]?.stringValue ?? "")
    }
}
