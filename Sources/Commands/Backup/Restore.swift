internal import ArgumentParser
internal import Domain
internal import Foundation
internal import Storage

/// `martlet restore FILE --data-dir DIR`
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Unpack a backup into a new data directory.",
        discussion: """
            Every digest is checked first, then the audit chain; nothing is left behind if one is wrong. An existing folder must be
            empty. Then start the server with `martlet serve --data-dir`.
            """)

    @Argument(help: "A file that `martlet backup` wrote.") var file: String
    @Option(help: "The folder to make.") var dataDir: String

    func run() async throws {
        let manifest = try BackupReader.restore(file, into: dataDir)
        let made = Column.time("", "at").text(["at": .int(manifest.madeAt.milliseconds)])
        print("Restored \(manifest.files.count) files of \(made) to \(dataDir).")
        switch try await AuditVerifier.verify(dataDirectory: dataDir) {
        case .whole(let events, _, _, _): print("The audit chain is whole: \(events) events.")
        case .broken(let sequence, let reason):
            print("The audit chain was broken when the backup was made, at event \(sequence): \(reason).")
            throw CommandExit.answeredNo
        }
    }
}
