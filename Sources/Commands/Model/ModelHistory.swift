internal import ArgumentParser
internal import Domain

/// `martlet model history MODEL`
struct ModelHistory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "What changed about a model, or how it stood at a moment.",
        discussion: """
            Every name, description, tag, alias, version and stage with who set it and when, newest first. With --at: what stood
            then, for example `martlet model history pump --alias champion --at 2026-03-03`. A date is the end of that day (UTC).
            A history belongs to one model through all its names; it begins where Martlet began to keep histories.
            """)

    /// Rows shown where nothing else is asked for.
    static let limitDefault = 100

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The registered model's name.") var model: String
    @Option(help: "Only this alias.") var alias: String?
    @Option(help: "Only this tag, of the model or, with --version, of the version.") var tag: String?
    @Option(
        help: "Only this kind: name, description, tag, alias, version, version_description, version_tag or stage.")
    var kind: String?
    @Option(help: "Only this version.") var version: Int?
    @Option(help: "As it stood then: 2026-03-03, 2026-03-03T14:00:00Z, or milliseconds since 1970.") var at: String?
    @Option(help: "At most this many changes.") var limit: Int = limitDefault

    func validate() throws {
        guard [alias, tag, kind].compactMap({ $0 }).count <= 1 else {
            throw ValidationError("Give one of --alias, --tag and --kind.")
        }
        guard kind == nil || RegistryChange.Kind(rawValue: kind ?? "") != nil else {
            throw ValidationError(
                "--kind is one of \(RegistryChange.Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        guard (1...APIClient.itemsMax).contains(limit) else {
            throw ValidationError("--limit is 1 to \(APIClient.itemsMax).")
        }
    }

    func run() async throws {
        let tagKind: RegistryChange.Kind = version == nil ? .tag : .versionTag
        let chosen = alias != nil ? RegistryChange.Kind.alias.rawValue : tag != nil ? tagKind.rawValue : kind
        var query = [("kind", chosen), ("key", alias ?? tag), ("version", version.map { "\($0)" })]
        guard let at else {
            query.append(("max_results", "\(min(limit, 1_000))"))
            let filters = query
            let items = try await client.withClient {
                try await $0.items(["models", model, "history"], query: filters, max: limit)
            }
            return try output.show(
                list: items, columns: Self.columns("TIME"), whenEmpty: "Nothing of that was changed about \(model).")
        }
        query.append(("at", at))
        let filters = query
        let moment = try await client.withClient { try await $0.get(["models", model, "history"], query: filters) }
        if output.output == .json { return print(try OutputOptions.json(moment)) }
        if let name = moment["name"]?.stringValue, name != model { print("It was called \(Table.clean(name)) then.") }
        try output.show(
            list: moment["items"]?.arrayValue ?? [], columns: Self.columns("SINCE"),
            whenEmpty: "Nothing of that was set then.")
    }

    private static func columns(_ time: String) -> [Column] {
        [
            .time(time, "time"), Column("WHO") { who($0) }, Column("KIND", "kind"), Column("KEY", "key"),
            .number("VERSION", "version"), Column("VALUE", "value"), Column("BEFORE", "previous"),
        ]
    }

    private static func who(_ row: JSONValue) -> String {
        switch row["origin"]?.stringValue {
        case "migration": "(before histories were kept)"
        case "import": "\(Column.plain(row["actor_name"])) (import)"
        default: Column.plain(row["actor_name"])
        }
    }
}
