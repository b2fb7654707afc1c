internal import ArgumentParser
internal import Domain
internal import Server
internal import Storage
internal import Synchronization

/// `martlet database verify`
struct DatabaseVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check all that a server keeps, and name what is damaged.",
        discussion: """
            The engine's own checks, every foreign key, the audit chain against its signed checkpoints, and the bytes of every
            artifact against its digest, in its folder or bucket, encrypted or not. Only reads; a server may run meanwhile. Exits
            with 2 if anything is damaged.
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup(title: "Artifacts") var artifacts: ArtifactStoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let maintenance = DatabaseMaintenance(configuration: try await database.load(artifacts.texts))
        let bar = Mutex(ProgressBar())
        let report = try await maintenance.verify { done, total in
            bar.withLock { $0.show(total > 0 ? Double(done) / Double(total) : nil, "artifacts \(done) of \(total)") }
        }
        bar.withLock { $0.finish("artifacts \(report.artifacts) of \(report.artifacts)") }
        let value: JSONValue = [
            "damages": .array(report.damages.map { ["kind": .string($0.kind), "detail": .string($0.detail)] }),
            "audit_events": .int(report.auditEvents), "artifacts": .int(Int64(report.artifacts)),
            "artifact_bytes": .int(report.artifactBytes),
        ]
        let summary =
            "\(report.auditEvents) audit events, \(report.artifacts) artifacts with \(report.artifactBytes) bytes"
        try output.show(
            value,
            text: report.damages.isEmpty
                ? "Whole: \(summary)."
                : report.damages.map { "Damaged: \($0.kind): \($0.detail)" }.joined(separator: "\n"))
        if !report.damages.isEmpty { throw CommandExit.answeredNo }
    }
}
