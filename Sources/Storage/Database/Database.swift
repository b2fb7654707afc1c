public import Domain
public import Logging

/// One database: many readers, one writer that commits in groups. A write is durable when `write` returns.
public final class Database: Sendable {
    private enum Engine: Sendable {
        case sqlite(SQLiteEngine)
        case postgresql(PostgreSQLEngine)
    }

    private let engine: Engine

    /// Opens or makes a SQLite file and brings its schema up to date.
    ///
    /// - Parameter writerCacheMebibytes: of memory for pages that are written. As many as the default for tables of which a page here and a
    ///   page there is touched; few where rows are appended.
    /// - Throws: `MartletError` if the file cannot be opened, is damaged, or comes from a newer Martlet.
    public init(
        path: String, migrations: [Migration], clock: any WallClock, writerCacheMebibytes: Int = 64
    ) throws {
        engine = .sqlite(
            try SQLiteEngine(
                path: path, migrations: migrations, clock: clock, writerCacheMebibytes: writerCacheMebibytes))
    }

    /// Opens a SQLite file to read and nothing else: no migration, no write. For looking at evidence.
    ///
    /// - Throws: `notFound` if it cannot be opened.
    public init(readingOnly path: String) throws {
        engine = .sqlite(try SQLiteEngine(readingOnly: path))
    }

    /// Opens or makes one schema of a PostgreSQL database and brings it up to date.
    ///
    /// - Parameters:
    ///   - schema: holds the tables; of a-z, 0-9 and _.
    ///   - mustConnect: whether a server that cannot be reached is an error. Else it is waited for: reads and writes fail with
    ///     `unavailable` until it is there, and the first then brings the schema up to date.
    /// - Throws: `MartletError` if the server cannot be reached (where it must), is too old, or has a newer Martlet's schema.
    public init(
        postgresql address: PostgreSQLAddress, schema: String, migrations: [Migration], clock: any WallClock,
        mustConnect: Bool = true, logger: Logger = Logger(label: "martlet.database")
    ) throws {
        let engine = PostgreSQLEngine(
            connector: try PostgreSQLConnector(address: address, schema: schema),
            migrator: Migrator(migrations: migrations, clock: clock), logger: logger)
        self.engine = .postgresql(engine)
        do {
            try engine.prepare()
        } catch let error as StorageError where error.kind == .unavailable && !mustConnect {
            logger.error(
                "the database cannot be reached yet; predictions are served without it",
                metadata: ["database": "\(address)", "error": "\(error.message)"])
        } catch let error as StorageError {
            throw MartletError(
                .unavailable, "The database at \(address) cannot be opened: \(error.message)", cause: error)
        }
    }

    /// Looks into a schema as it is: no migration. For looking at evidence; writes nothing unless told to.
    ///
    /// - Throws: `notFound` if there is no such schema, `unavailable` if the server cannot be reached.
    public init(readingOnly address: PostgreSQLAddress, schema: String) throws {
        guard try Self.exists(address, schema: schema) else {
            throw MartletError.notFound("The database at \(address) has no schema \(schema).")
        }
        engine = .postgresql(
            PostgreSQLEngine(
                connector: try PostgreSQLConnector(address: address, schema: schema), migrator: nil,
                logger: Logger(label: "martlet.database")))
    }

    /// Runs `body` in a transaction shared with the writes that wait beside it, in its own savepoint.
    ///
    /// Durable when it returns. When it throws, nothing of it was changed.
    /// - Throws: what `body` throws (`StorageError` as `MartletError`), or `resourceExhausted` if the queue is full.
    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Result
    ) async throws -> Result {
        do {
            switch engine {
            case .sqlite(let engine): return try await engine.write(body)
            case .postgresql(let engine): return try await engine.write(body)
            }
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
            switch engine {
            case .sqlite(let engine): return try await engine.read(body)
            case .postgresql(let engine): return try await engine.read(body)
            }
        } catch let error as StorageError {
            throw error.asMartletError
        }
    }

    /// `read` for a few rows by their keys: where the database is in this process, on the calling thread if a connection is free,
    /// since to wake another thread costs more than to read them.
    ///
    /// - Throws: what `read` throws.
    public func readBriefly<Result: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Result
    ) async throws -> Result {
        guard case .sqlite(let engine) = engine else { return try await read(body) }
        do {
            return try await engine.readBriefly(body)
        } catch let error as StorageError {
            throw error.asMartletError
        }
    }

    /// Copies the database, while it is in use, to a new SQLite file.
    ///
    /// - Throws: `MartletError` if the file exists or the copy fails.
    public func backup(to path: String) async throws {
        do {
            switch engine {
            case .sqlite(let engine): try await engine.backup(to: path)
            case .postgresql(let engine): try await engine.backup(to: path)
            }
        } catch let error as StorageError {
            throw error.asMartletError
        }
    }

    /// Says to all processes that use the database that something of a kind has changed. On SQLite nobody else listens.
    ///
    /// - Parameter channel: what changed, of a-z, 0-9 and _.
    /// - Throws: what a write throws.
    public func announce(_ channel: String) async throws {
        guard case .postgresql(let engine) = engine else { return }
        let name = engine.connector.channel(channel)
        try await write { sql in _ = try sql.execute("SELECT pg_notify($1, '')", [.text(name)]) }
    }

    /// One element whenever something of a kind was announced, by whatever process, or may have been: at the start and after
    /// a lost connection.
    ///
    /// - Returns: nil on SQLite, where nothing is announced.
    public func announcements(_ channel: String) -> AsyncStream<Void>? {
        guard case .postgresql(let engine) = engine else { return nil }
        return PostgreSQLListener(
            connector: engine.connector, channel: engine.connector.channel(channel)
        ).notices()
    }

    /// Replaces everything by the contents of a SQLite file that has the same migrations, in one transaction.
    ///
    /// - Throws: `failedPrecondition` if the migrations differ, or if this is a SQLite file: that is replaced as a file.
    public func fill(from path: String) async throws {
        guard case .postgresql(let engine) = engine else {
            throw MartletError.precondition("A SQLite database is restored by putting its file in place.")
        }
        do {
            try await engine.fill(from: path)
        } catch let error as StorageError {
            throw error.asMartletError
        }
    }

    /// Whether there is such a schema.
    ///
    /// - Throws: `unavailable` if the server cannot be reached.
    public static func exists(_ address: PostgreSQLAddress, schema: String) throws -> Bool {
        try onServer(address, schema: schema) { connection in
            let sql = "SELECT 1 AS one FROM pg_namespace WHERE nspname = $1"
            return try !connection.rows(sql, [.text(schema)]).isEmpty
        }
    }

    /// Removes a schema with all that is in it, if it is there.
    ///
    /// - Throws: `unavailable` if the server cannot be reached.
    public static func drop(_ address: PostgreSQLAddress, schema: String) throws {
        try onServer(address, schema: schema) { try $0.script("DROP SCHEMA IF EXISTS \(schema) CASCADE") }
    }

    private static func onServer<Result>(
        _ address: PostgreSQLAddress, schema: String, _ body: (PostgreSQLConnection) throws -> Result
    ) throws -> Result {
        do {
            return try body(try PostgreSQLConnector(address: address, schema: schema).open(toWrite: false))
        } catch let error as StorageError {
            throw MartletError(
                .unavailable, "The database at \(address) cannot be opened: \(error.message)", cause: error)
        }
    }

    /// Waits for the writes in the queue and closes the database. Writes after this are refused.
    public func close() async throws {
        switch engine {
        case .sqlite(let engine): try await engine.close()
        case .postgresql(let engine): await engine.close()
        }
    }
}
