internal import Domain
internal import GRDB
internal import Synchronization

/// One SQLite file: many readers, one writer that commits in groups.
///
/// A write is durable when `write` returns: WAL with `synchronous=FULL`, so that each commit ends with an fsync.
final class SQLiteEngine: Sendable {
    /// Readers at a time. More only wait for the processor.
    static let readersMax = 8
    /// Of these, how many may be at work while another reads on its caller's thread: that one must find a connection free.
    private static let briefReadersMax = readersMax / 2
    /// How long SQLite waits for another process's lock, in seconds.
    static let busyTimeoutSeconds = 5.0

    /// Pages kept by each reader; SQLite's own 2 MB would be read anew all the time.
    private static let readerCacheKibibytes = 8 << 10
    /// Pages of the log after which they are carried into the file: 16 MiB, so that a page written often is carried over once.
    private static let checkpointPages = 4_000

    private let pool: DatabasePool
    private let sessions = SQLiteSessions()
    private let writer: GroupCommitWriter
    /// Reads under way, of either kind.
    private let reading = Atomic<Int>(0)

    /// Opens or makes the file and brings its schema up to date.
    ///
    /// - Parameter writerCacheMebibytes: pages kept by the writer, which fill as there is data for them.
    /// - Throws: `MartletError` if the file cannot be opened, is damaged, or comes from a newer Martlet.
    init(path: String, migrations: [Migration], clock: any WallClock, writerCacheMebibytes: Int) throws {
        do {
            var configuration = Configuration()
            configuration.maximumReaderCount = Self.readersMax
            configuration.busyMode = .timeout(Self.busyTimeoutSeconds)
            configuration.foreignKeysEnabled = true
            // LIKE minds the case, as in PostgreSQL; ILIKE is written with lower().
            configuration.prepareDatabase {
                try $0.execute(
                    sql: """
                        PRAGMA case_sensitive_like = ON; PRAGMA temp_store = MEMORY;
                        PRAGMA cache_size = -\(Self.readerCacheKibibytes)
                        """)
            }
            pool = try DatabasePool(path: path, configuration: configuration)
            try pool.writeWithoutTransaction { database in
                // DatabasePool sets NORMAL on its writer when it opens, after all hooks: set FULL again, and prove it.
                try database.execute(
                    sql: """
                        PRAGMA synchronous = FULL; PRAGMA cache_size = -\(writerCacheMebibytes << 10);
                        PRAGMA wal_autocheckpoint = \(Self.checkpointPages)
                        """)
                let level = try Int.fetchOne(database, sql: "PRAGMA synchronous")
                guard level == 2 else {
                    throw StorageError(.other, "SQLite did not accept synchronous=FULL; it reports \(level ?? -1).")
                }
            }
            writer = GroupCommitWriter(group: SQLiteGroup(pool: pool, sessions: sessions))
            try pool.writeWithoutTransaction { database in
                let session = try sessions.session(of: database)
                try Migrator(migrations: migrations, clock: clock).bringUpToDate(session.transaction)
            }
        } catch let error as MartletError {
            throw error
        } catch {
            let storage = StorageError(error)
            throw MartletError(
                .unavailable, "The database \(path) cannot be opened: \(storage.message)", cause: storage)
        }
    }

    /// Opens a file to read and nothing else: no migration, no write.
    ///
    /// - Throws: `notFound` if it cannot be opened.
    init(readingOnly path: String) throws {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(Self.busyTimeoutSeconds)
            pool = try DatabasePool(path: path, configuration: configuration)
            writer = GroupCommitWriter(group: SQLiteGroup(pool: pool, sessions: sessions))
        } catch {
            throw MartletError(
                .notFound, "The database \(path) cannot be opened: \(StorageError(error).message)", cause: error)
        }
    }

    func write<Result: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Result) async throws -> Result {
        try await writer.write(body)
    }

    func read<Result: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Result) async throws -> Result {
        reading.wrappingAdd(1, ordering: .relaxed)
        defer { reading.wrappingSubtract(1, ordering: .relaxed) }
        do {
            return try await pool.read { database in
                try body(SQLConnection(engine: .sqlite(try sessions.session(of: database))))
            }
        } catch let error as DatabaseError {
            throw StorageError(error)
        } catch let error as StorageError {
            // GRDB interrupts the reading of a task that is cancelled.
            if Task.isCancelled { throw CancellationError() }
            throw error
        }
    }

    /// Reads on the calling thread, if a connection is free.
    func readBriefly<Result: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Result
    ) async throws -> Result {
        let count = reading.wrappingAdd(1, ordering: .relaxed).newValue
        defer { reading.wrappingSubtract(1, ordering: .relaxed) }
        guard count <= Self.briefReadersMax else { return try await read(body) }
        return try readNow(body)
    }

    private func readNow<Result>(_ body: (SQLConnection) throws -> Result) throws -> Result {
        do {
            return try pool.read { database in
                try body(SQLConnection(engine: .sqlite(try sessions.session(of: database))))
            }
        } catch let error as DatabaseError {
            throw StorageError(error)
        }
    }

    func backup(to path: String) async throws {
        do {
            let destination = try DatabaseQueue(path: path)
            try pool.backup(to: destination)
            try destination.close()
        } catch {
            throw StorageError(error)
        }
    }

    /// Runs `body` on the writing connection, in a transaction of its own, blocking the thread.
    func transaction(_ body: (SQLConnection) throws -> Void) throws {
        try pool.writeWithoutTransaction { database in try sessions.session(of: database).transaction(body) }
    }

    /// Runs `body` on a snapshot, blocking the thread.
    func snapshot(_ body: (SQLConnection) throws -> Void) throws {
        try pool.read { database in try body(SQLConnection(engine: .sqlite(try sessions.session(of: database)))) }
    }

    /// Closes a file that nobody else uses, blocking the thread.
    func closeNow() throws {
        sessions.forgetStatements()
        try pool.close()
    }

    func close() async throws {
        await writer.close()
        try await pool.barrierWriteWithoutTransaction { _ in sessions.forgetStatements() }
        try pool.close()
    }
}
