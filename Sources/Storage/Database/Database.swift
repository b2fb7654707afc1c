public import Domain
internal import GRDB

/// One SQLite file: many readers, one writer that commits in groups.
///
/// A write is durable when `write` returns: WAL with `synchronous=FULL`, so that each commit ends with an fsync.
public final class Database: Sendable {
    /// Readers at a time. More only wait for the processor.
    static let readersMax = 8
    /// How long SQLite waits for another process's lock, in seconds.
    static let busyTimeoutSeconds = 5.0

    public let path: String
    private let pool: DatabasePool
    private let writer: GroupCommitWriter

    /// Opens or makes the file and brings its schema up to date.
    ///
    /// - Throws: `MartletError` if the file cannot be opened, is damaged, or comes from a newer Martlet.
    public init(path: String, migrations: [Migration], clock: any WallClock) throws {
        self.path = path
        do {
            var configuration = Configuration()
            configuration.maximumReaderCount = Self.readersMax
            configuration.busyMode = .timeout(Self.busyTimeoutSeconds)
            configuration.foreignKeysEnabled = true
            // LIKE minds the case, as in PostgreSQL; ILIKE is written with lower().
            configuration.prepareDatabase { try $0.execute(sql: "PRAGMA case_sensitive_like = ON") }
            pool = try DatabasePool(path: path, configuration: configuration)
            try pool.writeWithoutTransaction { database in
                // DatabasePool sets NORMAL on its writer when it opens, after all hooks: set FULL again, and prove it.
                try database.execute(sql: "PRAGMA synchronous = FULL")
                let level = try Int.fetchOne(database, sql: "PRAGMA synchronous")
                guard level == 2 else {
                    throw StorageError(.other, "SQLite did not accept synchronous=FULL; it reports \(level ?? -1).")
                }
            }
            writer = GroupCommitWriter(pool: pool)
            try pool.writeWithoutTransaction { try Migrator.bringUpToDate($0, migrations: migrations, clock: clock) }
        } catch let error as MartletError {
            throw error
        } catch {
            let storage = StorageError(error)
            throw MartletError(
                .unavailable, "The database \(path) cannot be opened: \(storage.message)", cause: storage)
        }
    }

    /// Opens a file to read and nothing else: no migration, no write. For looking at evidence.
    ///
    /// - Throws: `notFound` if it cannot be opened.
    public init(readingOnly path: String) throws {
        self.path = path
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(Self.busyTimeoutSeconds)
            pool = try DatabasePool(path: path, configuration: configuration)
            writer = GroupCommitWriter(pool: pool)
        } catch {
            throw MartletError(
                .notFound, "The database \(path) cannot be opened: \(StorageError(error).message)", cause: error)
        }
    }

    /// Runs `body` in a transaction shared with the writes that wait beside it, in its own savepoint.
    ///
    /// Durable when it returns. When it throws, nothing of it was changed.
    /// - Throws: what `body` throws (`StorageError` as `MartletError`), or `resourceExhausted` if the queue is full.
    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Result
    ) async throws -> Result {
        do {
            return try await writer.write(body)
        } catch let error as StorageError {
            throw error.asMartletError
        }
    }

    /// Runs `body` on a snapshot that does not change while it runs.
    ///
    /// - Throws: what `body` throws (`StorageError` as `MartletError`).
    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Result
    ) async throws -> Result {
        do {
            return try await pool.read { database in try body(SQLConnection(database: database)) }
        } catch let error as StorageError {
            throw error.asMartletError
        } catch let error as DatabaseError {
            throw StorageError(error).asMartletError
        }
    }

    /// Copies the database, while it is in use, to a new file.
    ///
    /// - Throws: `MartletError` if the file exists or the copy fails.
    public func backup(to path: String) async throws {
        do {
            let destination = try DatabaseQueue(path: path)
            try pool.backup(to: destination)
            try destination.close()
        } catch {
            throw StorageError(error).asMartletError
        }
    }

    /// Waits for the writes in the queue and closes the file. Writes after this are refused.
    public func close() async throws {
        await writer.close()
        try pool.close()
    }
}
