internal import ArgumentParser
internal import Domain

/// `martlet model show MODEL [VERSION]`.
struct ModelShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a model's versions, or one of them with what came of preparing it.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The registered model's name.") var model: String
    @Argument(help: "The version's number.") var version: Int?

    func run() async throws {
        if let version {
            let value = try await client.withClient { try await $0.get(["models", model, "versions", "\(version)"]) }
            return try output.show(value, fields: Self.fields)
        }
        let items = try await client.withClient { try await $0.items(["models", model, "versions"]) }
        try output.show(
            list: items,
            columns: [
                .number("VERSION", "version.id.version"), Column("BY", "version.created_by_name"),
                .time("CREATED", "version.created_at"), Column("ALIASES", "version.aliases"),
                Column("STATE", "preparation.state"), Column("DETAIL", "preparation.detail"),
            ], whenEmpty: "\(model) has no versions.")
    }

    private static let fields: [Column] = [
        Column("Version", "version.id.version"), Column("By", "version.created_by_name"),
        .time("Created", "version.created_at"), Column("Run", "version.run_id"),
        Column("Description", "version.description"), Column("Aliases", "version.aliases"),
        Column("Tags", "version.tags"), Column("State", "preparation.state"), Column("Detail", "preparation.detail"),
        Column("Inputs") { tensors($0["preparation"]?["inputs"]) },
        Column("Outputs") { tensors($0["preparation"]?["outputs"]) }, Column("Runtime", "preparation.runtime"),
        Column("Files") { row in
            (row["version"]?["files"]?.arrayValue ?? []).compactMap { $0["path"]?.stringValue }.joined(separator: ", ")
        },
    ]

    /// `x FP32 [-1,4], y BYTES [-1,1]`.
    private static func tensors(_ value: JSONValue?) -> String {
        let words = (value?.arrayValue ?? []).map { spec in
            let shape = (spec["shape"]?.arrayValue ?? []).map { Column.plain($0) }.joined(separator: ",")
            return "\(Column.plain(spec["name"])) \(Column.plain(spec["datatype"])) [\(shape)]"
        }
        return words.isEmpty ? "-" : words.joined(separator: ", ")
    }
}
