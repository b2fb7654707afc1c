internal import ArgumentParser
internal import Domain
internal import NIOCore
internal import NIOHTTP1

/// `martlet model show MODEL [VERSION]`.
struct ModelShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a model's versions, or the full entry of one of them.",
        discussion: """
            The entry of a version tells what an auditor asks for: training date, team, data, code, hyperparameters, metrics by data
            set, time in production, previous version, limitations, notes and approvals; what is not known is listed, with what would
            fill it. --output markdown writes it as a document.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json, markdown }

    @OptionGroup var client: ClientOptions
    @Option(name: .shortAndLong, help: "table for people, json for programs, markdown (of one version) for files.")
    var output: Format = .table

    @Argument(help: "The registered model's name.") var model: String
    @Argument(help: "The version's number.") var version: Int?

    func validate() throws {
        if output == .markdown, version == nil { throw ValidationError("--output markdown needs a VERSION.") }
    }

    func run() async throws {
        guard let version else { return try await showVersions() }
        let path = ["models", model, "versions", "\(version)"]
        switch output {
        case .markdown:
            let bytes = try await client.withClient { client in
                try await client.sendBytes(
                    .GET, path + ["entry"], query: [("format", "markdown")], contentType: "text/markdown")
            }
            print(String(buffer: bytes), terminator: "")
        case .json: print(try OutputOptions.json(try await client.withClient { try await $0.get(path) }))
        case .table: print(VersionEntryText.text(try await client.withClient { try await $0.get(path) }))
        }
    }

    private func showVersions() async throws {
        let items = try await client.withClient { try await $0.items(["models", model, "versions"]) }
        var options = OutputOptions()
        options.output = output == .json ? .json : .table
        try options.show(
            list: items,
            columns: [
                .number("VERSION", "version.id.version"), Column("BY", "version.created_by_name"),
                .time("CREATED", "version.created_at"), Column("ALIASES", "version.aliases"),
                Column("STATE", "preparation.state"), Column("DETAIL", "preparation.detail"),
            ], whenEmpty: "\(model) has no versions.")
    }
}
