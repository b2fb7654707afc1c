internal import ArgumentParser
internal import Domain

/// `martlet data show NAME [VERSION]`.
struct DataShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a version of a data set: files, schema, profile, and the runs that used it.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The data set's name.") var name: String
    @Argument(help: "Its number, or the beginning of its digest (default: the newest).") var version = "newest"

    func run() async throws {
        let value = try await client.withClient { try await $0.get(["datasets", name, "versions", version]) }
        try output.show(value, text: Self.text(value))
    }

    private static func text(_ value: JSONValue) -> String {
        let facts = Table.fields(
            value,
            [
                Column("Data set", "version.id.name"), Column("Version", "version.id.number"),
                Column("Digest", "version.id.digest"), Column("In runs", "run_digest"), Column("Rows", "version.rows"),
                Column("By", "version.created_by_name"), .time("Added", "version.created_at"),
                Column("Source", "version.source"),
            ])
        let parts: [(String, JSONValue?, [Column])] = [
            ("Columns", value["version"]?["columns"], columns),
            (
                "Files", value["version"]?["files"],
                [
                    Column("PATH", "path"), Column("FORMAT", "format"), .number("ROWS", "rows"),
                    .number("BYTES", "bytes"), DataList.digest("DIGEST", "digest"),
                ]
            ),
            (
                "Used by", value["used_by"],
                [Column("RUN", "run_id"), Column("NAME", "run_name"), Column("FOR", "context")]
            ),
        ]
        let tables = parts.compactMap { title, rows, columns -> String? in
            guard let rows = rows?.arrayValue, !rows.isEmpty else { return nil }
            return "\n\(title)\n\(Table(rows, columns: columns).text)"
        }
        return ([facts] + tables).joined(separator: "\n")
    }

    private static let columns: [Column] = [
        Column("COLUMN", "name"), Column("TYPE", "kind"), .number("MISSING", "missing"),
        Column("DISTINCT", isRightAligned: true) { row in
            (row["is_distinct_exact"]?.boolValue == true ? "" : "~") + Column.plain(row["distinct"])
        },
        moment("MIN", "minimum"), moment("MEAN", "mean"), moment("MAX", "maximum"),
        .number("STD", "standard_deviation"),
        Column("MOST FREQUENT") { row in
            let top = (row["top"]?.arrayValue ?? []).prefix(3)
            if top.isEmpty { return "-" }
            return top.map { "\(Column.plain($0["value"])) (\(Column.plain($0["count"])))" }.joined(separator: ", ")
        },
    ]

    /// Of a column of timestamps the figure is a moment.
    private static func moment(_ title: String, _ path: String) -> Column {
        Column(title, isRightAligned: true) { row in
            guard row["kind"]?.stringValue == "timestamp", let value = row[path]?.doubleValue else {
                return Column.plain(row[path])
            }
            return Timestamp(milliseconds: Int64(value)).iso8601
        }
    }
}
