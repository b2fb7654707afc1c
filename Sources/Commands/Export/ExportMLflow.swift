internal import ArgumentParser
internal import Domain
internal import Foundation

/// `martlet export mlflow --to URL`
struct ExportMLflow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mlflow", abstract: "Write experiments, runs and models to a running MLflow server.",
        discussion: """
            Everything that MLflow's public API takes: experiments, runs with every point of every metric, params, tags, data sets and
            artifacts, logged models, registered models with versions, stages, tags and aliases. It can be broken off and started
            again: what it wrote bears the tag martlet.run_id, martlet.model_id or martlet.version, and is not written twice.

            That API gives new ids to runs and logged models, numbers versions without gaps, dates what it makes itself, and
            takes nothing deleted; policies, approvals, endpoints, history and audit have no place there. What could not be kept is
            told at the end, and the exit code is 2 if anything was left out.
            """)

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: MLflowConnection

    @Option(help: "The MLflow server, for example http://mlflow.example.org:5000.") var to: String

    func run() async throws {
        let progress = ExportProgress()
        try await client.withClient { api in
            try await connection.withServers(
                other: to, api, timeoutSeconds: client.timeout, caCertificate: client.caCertificate
            ) { other, ours in
                try await Exporter(
                    ours: ours, other: other, concurrency: connection.concurrency, progress: progress
                ).run()
            }
        }
        await progress.finish()
        let notes = await progress.notes
        switch output.output {
        case .json:
            print(
                try OutputOptions.json([
                    "exported": await progress.summary, "left_out": .array(notes.map { .string($0) }),
                ]))
        case .table:
            print(await progress.sentence)
            for note in notes { print("  left out: \(Table.clean(note))") }
        }
        if !notes.isEmpty { throw CommandExit.answeredNo }
    }
}
