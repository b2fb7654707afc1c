internal import ArgumentParser
internal import Domain

/// `martlet trace PREDICTION_ID`.
struct Trace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Tell where an answer came from: version, files, run, data, code, rollout.")

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
                Column("Policy version", "origin.policy_version"), Column("Rollout", "origin.rollout_id"),
                Column("Rollout step", "origin.rollout_step"), Column("Registered by", "version.created_by_name"),
                Column("Run", "run.id"), Column("Code commit", "code_commit"), Column("Runtime", "runtime"),
                Column("Input", "input.inputs"), Column("Output", "output.outputs"),
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
        return ([facts, "", files.text, "", data.text, "", feedback.text, ""] + missing).joined(separator: "\n")
    }
}
