internal import ArgumentParser
internal import Domain

/// `martlet trace PREDICTION_ID`.
struct Trace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Tell where an answer came from: version, files, run, data, code, approvals, rollout.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The prediction id, as the answer carried it.")
    var id: String

    func run() async throws {
        let value = try await client.withClient { try await $0.get(["predictions", id]) }
        try output.show(value, text: Self.text(value))
    }

    static func text(_ value: JSONValue) -> String {
        let facts = Table.fields(
            value,
            [
                Column("Prediction", "prediction_id"), Column("Endpoint", "endpoint"),
                .time("Answered", "origin.time"), Column("Version", "origin.version"),
                Column("Policy version") { counted($0["origin"]?["policy_version"]) },
                Column("Rollout") { rollout($0) }, Column("Registered by", "version.created_by_name"),
                Column("Run", "run.id"), Column("Code commit", "code_commit"), Column("Runtime", "runtime"),
            ])
        let tensors = Table(
            (value["input"]?["inputs"]?.arrayValue ?? []) + (value["output"]?["outputs"]?.arrayValue ?? []),
            columns: [
                Column("TENSOR", "name"), Column("DATATYPE", "datatype"), Column("SHAPE", "shape"),
                Column("DATA", "data"),
            ])
        let approvals = Table(
            value["approvals"]?.arrayValue ?? [],
            columns: [
                .number("APPROVAL", "id"), Column("STATE", "state"), Column("ASKED BY", "requested_by_name"),
                .time("ASKED", "requested_at"), Column("DECISIONS") { ApprovalCommand.decisions($0) },
            ])
        let files = Table(
            value["version"]?["files"]?.arrayValue ?? [],
            columns: [Column("FILE", "path"), Column("SHA-256", "digest"), .number("BYTES", "bytes")])
        let data = Table(
            value["run"]?["datasets"]?.arrayValue ?? [],
            columns: [
                Column("DATA SET", "name"), Column("DIGEST", "digest"), Column("CONTEXT", "context"),
                Column("SOURCE", "source"),
            ])
        let feedback = Table(
            value["feedback"]?.arrayValue ?? [],
            columns: [
                .number("ROW", "row"), Column("LABEL", "label"), Column("OVERRIDE", "override"), Column("KPIS", "kpis"),
                .time("TIME", "time"), Column("BY", "principal"),
            ])
        let missing = (value["missing"]?.arrayValue ?? []).compactMap(\.stringValue).map { "Not known: \($0)" }
        // A table without rows says nothing.
        let tables = [tensors, files, data, approvals, feedback].filter { !$0.isEmpty }.map { "\n" + $0.text }
        return ([facts] + tables + (missing.isEmpty ? [] : [""] + missing)).joined(separator: "\n")
    }

    /// In ids 0 stands for none.
    private static func counted(_ value: JSONValue?) -> String { value == 0 ? "-" : Column.plain(value) }

    /// `4, step 2`.
    private static func rollout(_ value: JSONValue) -> String {
        guard let id = value["origin"]?["rollout_id"]?.intValue, id > 0 else { return "none was under way" }
        return "\(id), step \((value["origin"]?["rollout_step"]?.intValue ?? 0) + 1)"
    }
}
