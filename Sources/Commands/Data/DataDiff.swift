internal import ArgumentParser
internal import Domain

/// `martlet data diff NAME FROM [TO]`.
struct DataDiff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Show what changed between two versions: schema, rows, and drift by column.",
        discussion: """
            Drift is the population stability index (PSI), largest first; a star says that the test (Kolmogorov-Smirnov of numbers and
            times, chi-square of categories) is significant at 0.05 over all columns together.
            """)

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The data set's name.") var name: String
    @Argument(help: "The first version: its number, or the beginning of its digest.") var from: String
    @Argument(help: "The second version (default: the newest).") var to = "newest"

    func run() async throws {
        let value = try await client.withClient {
            try await $0.get(["datasets", name, "diff"], query: [("from", from), ("to", to)])
        }
        try output.show(value, text: Self.text(value))
    }

    private static func text(_ value: JSONValue) -> String {
        let facts = Table.fields(
            value,
            [
                Column("From", "from.number"), Column("To", "to.number"),
                Column("Rows") { "\(Column.plain($0["rows_from"])) → \(Column.plain($0["rows_to"]))" },
                Column("Bytes") { "\(Column.plain($0["bytes_from"])) → \(Column.plain($0["bytes_to"]))" },
                names("Columns added", "added_columns"), names("Columns removed", "removed_columns"),
                Column("Types changed") { row in
                    list(row["changed_kinds"]) {
                        "\(Column.plain($0["name"])) (\(Column.plain($0["from"])) → \(Column.plain($0["to"])))"
                    }
                },
                Column("Files added", "added_files"), Column("Files removed", "removed_files"),
                Column("Files changed", "changed_files"),
            ])
        guard let drift = value["drift"]?.arrayValue, !drift.isEmpty else { return facts }
        return facts + "\n\nDrift\n"
            + Table(
                drift,
                columns: [
                    Column("COLUMN", "name"), Column("TYPE", "kind"), .number("PSI", "psi"),
                    Column("TEST", "test"), .number("STATISTIC", "statistic"), .number("P", "p_value"),
                    Column("") { $0["is_significant"]?.boolValue == true ? "*" : "" },
                    change("MISSING", "missing_share_from", "missing_share_to"), change("MEAN", "mean_from", "mean_to"),
                ]
            ).text
    }

    private static func names(_ title: String, _ path: String) -> Column {
        Column(title) { row in
            list(row[path]) { "\(Column.plain($0["name"])) (\(Column.plain($0["kind"])))" }
        }
    }

    private static func list(_ items: JSONValue?, _ text: (JSONValue) -> String) -> String {
        let items = items?.arrayValue ?? []
        return items.isEmpty ? "-" : items.map(text).joined(separator: ", ")
    }

    private static func change(_ title: String, _ from: String, _ to: String) -> Column {
        Column(title) { row in
            guard row[from] != nil || row[to] != nil else { return "-" }
            return "\(Column.plain(row[from])) → \(Column.plain(row[to]))"
        }
    }
}
