internal import ArgumentParser
internal import Domain

/// `martlet data list [NAME]`.
struct DataList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List data sets, or the versions of one.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "Only the versions of this data set.") var name: String?

    func run() async throws {
        if let name {
            let items = try await client.withClient { try await $0.items(["datasets", name, "versions"]) }
            return try output.show(
                list: items,
                columns: [
                    .number("VERSION", "id.number"), Self.digest("DIGEST", "id.digest"), .number("ROWS", "rows"),
                    Column("COLUMNS", isRightAligned: true) { String($0["columns"]?.arrayValue?.count ?? 0) },
                    Column("BY", "created_by_name"), .time("ADDED", "created_at"), Column("SOURCE", "source"),
                ], whenEmpty: "\(name) has no versions.")
        }
        let items = try await client.withClient { try await $0.items(["datasets"]) }
        try output.show(
            list: items,
            columns: [
                Column("DATA SET", "name"), .number("VERSIONS", "versions"), Self.digest("NEWEST", "newest.digest"),
                .number("ROWS", "rows"), .number("COLUMNS", "columns"), .number("BYTES", "bytes"),
                .time("ADDED", "created_at"),
            ], whenEmpty: "No data sets. Add one with `martlet data add NAME FILE`.")
    }

    static func digest(_ title: String, _ path: String) -> Column {
        Column(title) { String(Column.plain(Column.member(path, of: $0)).prefix(DatasetVersionID.shownDigits)) }
    }
}
