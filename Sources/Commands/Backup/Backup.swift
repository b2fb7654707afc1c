internal import ArgumentParser
internal import Domain
internal import Foundation
internal import NIOFoundationCompat
internal import NIOHTTP1
internal import Server
internal import Storage

/// `martlet backup FILE`
struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write all of a server to one file, while it runs.",
        discussion: """
            Both databases, every artifact and the keys, as a tar file whose first member lists the digests; the file is read
            back and checked before the command says that it is there. It holds keys: keep it as you keep passwords.
            With --data-dir the folder of a server that does not run is backed up without one, with --database-url too where its
            databases are in PostgreSQL. A backup of either engine restores into either.
            """)

    @OptionGroup var client: ClientOptions
    @Argument(help: "The file to write; it must not exist.") var file: String
    @Option(help: "The data directory of a server on this machine that does not run.") var dataDir: String?
    @Option(help: "With --data-dir: where its PostgreSQL database is (MARTLET_DATABASE_URL).") var databaseUrl: String?

    func run() async throws {
        guard !FileManager.default.fileExists(atPath: file) else {
            throw MartletError(.alreadyExists, "\(file) exists. Give a new name, or remove it.")
        }
        let draft = "\(file).\(getpid()).part"
        do {
            let handle = try Self.create(draft)
            if let dataDir {
                var configuration = ServerConfiguration(dataDirectory: dataDir)
                configuration.databaseURL = databaseUrl ?? ProcessInfo.processInfo.environment["MARTLET_DATABASE_URL"]
                try await DatabaseMaintenance(configuration: configuration).backup {
                    try handle.write(contentsOf: Data($0))
                }
            } else {
                _ = try await client.withClient { client in
                    try await client.download(.POST, ["backup"]) { try handle.write(contentsOf: Data(buffer: $0)) }
                }
            }
            try handle.synchronize()
            try handle.close()
            let manifest = try BackupReader(path: draft).readAll()
            guard rename(draft, file) == 0 else {
                throw MartletError(.unavailable, "\(file) cannot be made: \(String(cString: strerror(errno))).")
            }
            let bytes = manifest.files.reduce(0) { $0 + $1.bytes }
            print("Wrote \(manifest.files.count) files, \(bytes) bytes to \(file), and checked every digest.")
            print("Restore with: martlet restore \(file) --data-dir NEW-FOLDER")
        } catch {
            // Half a backup helps nobody; why there is no whole one does.
            try? FileManager.default.removeItem(atPath: draft)
            throw error
        }
    }

    private static func create(_ path: String) throws -> FileHandle {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw MartletError.invalid("\(path) cannot be written: \(String(cString: strerror(errno))).")
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}
