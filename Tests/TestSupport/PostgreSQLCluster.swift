internal import Foundation
internal import Synchronization

/// A PostgreSQL server of this machine's binaries on a Unix socket in a temporary folder, stopped and removed when the value goes
/// or the process ends, however it ends.
public final class PostgreSQLCluster: Sendable {
    /// Why there is none.
    public struct Missing: Error, CustomStringConvertible {
        public var description: String
    }

    /// The folder with `postgres` and `initdb`; nil if PostgreSQL is not installed.
    public static let binaries: String? = {
        if let path = ProcessInfo.processInfo.environment["MARTLET_POSTGRESQL_BIN"] { return path }
        return (15...25).reversed().map { "/usr/lib/postgresql/\($0)/bin" }
            .first { FileManager.default.isExecutableFile(atPath: $0 + "/postgres") }
    }()

    /// One for all tests of this process, made when the first asks.
    public static let shared: Result<PostgreSQLCluster, any Error> = Result { try PostgreSQLCluster() }

    /// Holds the data and the socket.
    public let folder: String
    private let isDurable: Bool
    private let keeper: Mutex<Keeper?>

    private struct Keeper {
        var process: Process
        /// Closed when this process ends, which ends the server.
        var leash: FileHandle
    }

    /// Makes and starts a server.
    ///
    /// - Parameter isDurable: whether it flushes to the disk, as a server must; tests of behaviour are quicker without.
    /// - Throws: `Missing` if PostgreSQL is not installed or does not start.
    public init(isDurable: Bool = false) throws {
        guard let binaries = Self.binaries else {
            throw Missing(description: "PostgreSQL is not installed: run script/bootstrap.")
        }
        folder = "/tmp/martlet-pg-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        self.isDurable = isDurable
        keeper = Mutex(nil)
        // A collation that is not bytewise shows what depends on one.
        try Self.shell(
            """
            mkdir -m 700 \(folder) && \(Self.isRoot ? "chown \(Self.user) \(folder) &&" : "")
            \(Self.asUser)\(binaries)/initdb -D \(folder)/data -U martlet --auth=trust --no-sync --encoding=UTF8 \
                --locale=C.UTF-8 --locale-provider=icu --icu-locale=en-US >\(folder)/initdb.log 2>&1 ||
                { cat \(folder)/initdb.log; exit 1; }
            """)
        try start()
    }

    deinit {
        // Best effort: the leash does the same.
        try? stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// The address of a database.
    public func url(database: String = "postgres", extra: String = "") -> String {
        let host = folder.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "postgresql://martlet@\(host)/\(database)\(extra.isEmpty ? "" : "?" + extra)"
    }

    /// The socket's file.
    public var socket: String { folder + "/.s.PGSQL.5432" }

    /// Starts the server on its data and waits until it answers.
    ///
    /// - Throws: `Missing` with its log if it does not.
    public func start() throws {
        let binaries = Self.binaries ?? ""
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        let durability = isDurable ? "" : "-c fsync=off -c full_page_writes=off"
        // The shell's input ends when this process does. Not dash, which waits for ever where its parent blocked SIGCHLD.
        process.arguments = [
            "-c",
            """
            \(Self.asUser)\(binaries)/postgres -D \(folder)/data -k \(folder) -c listen_addresses= -c max_connections=300 \
                -c shared_buffers=64MB \(durability) >>\(folder)/log 2>&1 </dev/null &
            server=$!; order=; read order; kill -QUIT $server 2>/dev/null; wait $server
            [ "$order" = keep ] || rm -rf \(folder)
            """,
        ]
        let pipe = Pipe()
        // Other children must not hold the leash.
        _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.standardInput = pipe
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        keeper.withLock { $0 = Keeper(process: process, leash: pipe.fileHandleForWriting) }
        try Self.shell(
            """
            for try in $(seq 300); do
                \(binaries)/pg_isready -q -h \(folder) && exit 0
                sleep 0.1
            done
            cat \(folder)/log; exit 1
            """)
    }

    /// Ends the server as `kill -9` does: no flush, no goodbye.
    public func kill() throws {
        try Self.shell(
            """
            server=$(head -1 \(folder)/data/postmaster.pid)
            children=$(pgrep -P $server)
            kill -9 $server
            # The children end when they notice.
            for process in $server $children; do while [ -d /proc/$process ]; do sleep 0.05; done; done
            rm -f \(socket) \(socket).lock \(folder)/data/postmaster.pid
            """
        )
        try stop()
    }

    /// Ends the server at once, leaving its data.
    public func stop() throws {
        let keeper = keeper.withLock { keeper in
            defer { keeper = nil }
            return keeper
        }
        guard let keeper else { return }
        try keeper.leash.write(contentsOf: Data("keep\n".utf8))
        try keeper.leash.close()
        keeper.process.waitUntilExit()
    }

    /// Runs SQL with psql.
    ///
    /// - Returns: its output, unaligned.
    /// - Throws: `Missing` with what it said if it failed.
    @discardableResult
    public func run(_ sql: String, database: String = "postgres") throws -> String {
        try Self.shell(
            "\(Self.binaries ?? "")/psql -X -q -A -t -v ON_ERROR_STOP=1 -h \(folder) -U martlet -d \(database) -c \"$SQL\"",
            environment: ["SQL": sql])
    }

    private static let isRoot = getuid() == 0
    /// A server refuses to run as root.
    private static let user = FileManager.default.fileExists(atPath: "/var/lib/postgresql") ? "postgres" : "nobody"
    private static let asUser =
        isRoot ? "setpriv --reuid=\(user) --regid=$(id -g \(user)) --clear-groups " : ""

    @discardableResult
    private static func shell(_ script: String, environment: [String: String] = [:]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", script]
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = URL(fileURLWithPath: "/tmp")
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let said = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Missing(description: said) }
        return said.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
