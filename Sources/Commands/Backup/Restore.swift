internal import ArgumentParser
internal import Domain
internal import Foundation
internal import Server
internal import Storage

/// `martlet restore FILE --data-dir DIR`
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Unpack a backup into a new data directory.",
        discussion: """
            Every digest is checked first, then the audit chain; nothing is left behind if one is wrong. An existing folder must be
            empty. With --database-url the databases go into PostgreSQL, whichever engine the backup is of. Then start the server
            with `martlet serve --data-dir`, and the same --database-url.
            """)

    @Argument(help: "A file that `martlet backup` wrote.") var file: String
    @Option(help: "The folder to make.") var dataDir: String
    @Option(
        help:
            "A PostgreSQL database without Martlet's schemas, to restore the databases into (MARTLET_DATABASE_URL)."
    )
    var databaseUrl: String?

    func run() async throws {
        var configuration = ServerConfiguration(dataDirectory: dataDir)
        configuration.databaseURL = databaseUrl ?? ProcessInfo.processInfo.environment["MARTLET_DATABASE_URL"]
        let maintenance = DatabaseMaintenance(configuration: configuration)
        let manifest = try await maintenance.restore(file)
        let made = Column.time("", "at").text(["at": .int(manifest.madeAt.milliseconds)])
        print("Restored \(manifest.files.count) files of \(made) to \(dataDir).")
        switch try await maintenance.verifyAudit() {
        case .whole(let events, _, _, _): print("The audit chain is whole: \(events) events.")
        case .broken(let sequence, let reason):
            print("The audit chain was broken when the backup was made, at event \(sequence): \(reason).")
            throw CommandExit.answeredNo
        }
    }
}
