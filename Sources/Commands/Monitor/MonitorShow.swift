internal import ArgumentParser
internal import Domain

/// `martlet monitor show ENDPOINT`.
struct MonitorShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show references, the newest windows' drift, and quality of an endpoint.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The endpoint's name.")
    var endpoint: String

    @Option(help: "How far back, in seconds.")
    var since: Double = 86_400

    func run() async throws {
        let value = try await client.withClient { client in
            try await client.get(["endpoints", endpoint, "monitoring"], query: [("since_seconds", "\(since)")])
        }
        try output.show(value, text: Self.text(value))
    }

    static func text(_ value: JSONValue) -> String {
        let references = Table(
            value["references"]?.arrayValue ?? [],
            columns: [
                .number("VERSION", "version.version"), Column("REFERENCE", "origin"), Column("DETAIL", "detail"),
            ])
        let windows = newestWindows(value["windows"]?.arrayValue ?? [])
        let traffic = Table(
            windows,
            columns: [
                .number("VERSION", "version"), Column("ROLE", "role"), .time("WINDOW", "start"),
                .number("REQUESTS", "requests"), .number("ERRORS", "errors"), .number("P50 MS", "p50_milliseconds"),
                .number("P99 MS", "p99_milliseconds"),
            ])
        let verdicts = Table(
            windows.flatMap { $0["verdicts"]?.arrayValue ?? [] },
            columns: [
                .number("VERSION", "version"), Column("KIND", "kind"), Column("SUBJECT", "subject"),
                .number("VALUE", "value"), .number("THRESHOLD", "threshold"), .number("P VALUE", "p_value"),
                .number("ROWS", "rows"), Column("BROKEN", "is_broken"),
            ])
        let quality = Table(
            newestByVersion(value["quality"]?.arrayValue ?? []),
            columns: [
                .number("VERSION", "version"), .number("LABELS", "labels"), Column("METRICS", "metrics"),
                Column("KPIS", "kpis"),
            ])
        return [
            "References", references.text, "", "Newest windows", traffic.text, "", "Verdicts", verdicts.text, "",
            "Quality",
            quality.text,
        ].joined(separator: "\n")
    }

    private static func newestWindows(_ windows: [JSONValue]) -> [JSONValue] { newestByVersion(windows) }

    /// The last of each version, lowest version first; lists come oldest first.
    private static func newestByVersion(_ items: [JSONValue]) -> [JSONValue] {
        Dictionary(items.map { ($0["version"]?.intValue ?? 0, $0) }, uniquingKeysWith: { _, last in last })
            .sorted { $0.key < $1.key }.map(\.value)
    }
}
