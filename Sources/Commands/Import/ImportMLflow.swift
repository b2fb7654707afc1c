internal import ArgumentParser
internal import Domain
internal import Foundation

/// `martlet import mlflow --from URL`
struct ImportMLflow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mlflow", abstract: "Take over a running MLflow server: nothing is changed there.",
        discussion: """
            Experiments, runs with every point of every metric, params, tags, data sets, logged models, artifacts, registered models
            with their versions, stages, tags and aliases; deleted experiments and runs come as deleted ones. Ids, version numbers
            and times are kept; an experiment gets a new id where its own is taken here. It can be broken off at any point and
            started again: what is here is not read twice, and what was changed here since is left so.

            At the end everything is compared with the source: counts, fields, metric histories and artifact digests. The exit code
            is 2 if anything differs. Needs an administrator's key for the Martlet server.
            """)

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: MLflowConnection

    @Option(help: "The MLflow server, for example http://mlflow.example.org:5000.") var from: String
    @Flag(help: "Compare only; import nothing.") var verifyOnly = false
    @Flag(help: "Do not compare at the end.") var noVerify = false

    func validate() throws {
        guard !(verifyOnly && noVerify) else { throw ValidationError("Give one of --verify-only and --no-verify.") }
    }

    func run() async throws {
        try await client.withClient { api in
            try await connection.withServers(
                other: from, api, timeoutSeconds: client.timeout, caCertificate: client.caCertificate
            ) { source, ours in
                try await run(source, ImportTarget(client: api, server: ours, source: source.url))
            }
        }
    }

    private func run(_ source: MLflowServer, _ target: ImportTarget) async throws {
        let progress = ImportProgress()
        let importer = Importer(
            source: source, target: target, concurrency: connection.concurrency, progress: progress)
        let experiments = verifyOnly ? try await importer.knownExperiments() : try await importer.run()
        let verifier = Verifier(
            source: source, target: target, concurrency: connection.concurrency, progress: progress)
        if !noVerify { try await verifier.run(experiments) }
        await progress.finish()
        let notes = await progress.notes
        let rows = await verifier.report.rows
        let differences = await verifier.report.differences
        let count = await verifier.report.differenceCount
        switch output.output {
        case .json:
            print(
                try OutputOptions.json([
                    "imported": await progress.summary, "notes": .array(notes.map { .string($0) }),
                    "verified": noVerify ? .null : .array(rows),
                    "differences": .array(differences.map { .string($0) }), "difference_count": .int(count),
                ]))
        case .table:
            if !verifyOnly { print(await progress.sentence) }
            for note in notes { print("  note: \(Table.clean(note))") }
            if !noVerify { print(Table(rows, columns: Self.columns).text) }
            for difference in differences { print("  differs: \(Table.clean(difference))") }
            if !noVerify { print(count == 0 ? "Everything is the same at both." : "\(count) things differ.") }
        }
        if count > 0 { throw CommandExit.answeredNo }
    }

    private static let columns: [Column] = [
        Column("WHAT", "what"), .number("SOURCE", "source"), .number("HERE", "here"),
        .number("DIFFERENT", "different"),
    ]
}
