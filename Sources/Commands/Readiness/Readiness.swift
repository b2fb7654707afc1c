internal import ArgumentParser
internal import Domain

/// `martlet readiness MODEL VERSION`.
struct Readiness: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "readiness", abstract: "Hold a version against its policy, criterion by criterion, with evidence.",
        discussion: """
            Exits 0 only if every criterion is met, and 2 if one is unmet or unknown. Latency, throughput and cost are \
            measured on the real model once, through the server's own data plane; --measure always measures again.
            """)

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The registered model's name.") var model: String
    @Argument(help: "The version's number.") var version: Int
    @Option(help: "When to measure: missing, always or never.") var measure = "missing"

    func run() async throws {
        let value = try await client.withClient {
            try await $0.get(
                ["models", model, "versions", "\(version)", "readiness"], query: [("measure", measure)])
        }
        let rows = value["rows"]?.arrayValue ?? []
        try output.show(value, text: Self.text(value, rows))
        guard value["ready"] == true else { throw CommandExit.answeredNo }
    }

    private static func text(_ value: JSONValue, _ rows: [JSONValue]) -> String {
        let table = Table(
            rows,
            columns: [
                Column("STATUS", "status"), Column("CRITERION", "criterion"), Column("THRESHOLD", "threshold"),
                Column("MEASURED", "measured"), Column("WRITTEN") { Self.written($0) }, Column("EVIDENCE", "evidence"),
            ]
        ).text
        let open = rows.filter { $0["status"] != "met" }.count
        let verdict = value["ready"] == true ? "Ready" : "Not ready: \(open) of \(rows.count) criteria are not met"
        return table + "\n\(verdict), by policy version \(Column.plain(value["policy_version"]))."
    }

    /// Whether the criterion stood before the evaluation that it is held against.
    private static func written(_ row: JSONValue) -> String {
        switch row["written_before"]?.boolValue {
        case true?: "before"
        case false?: "AFTER"
        case nil: "-"
        }
    }
}
