internal import Domain
internal import Logging
internal import Synchronization

/// Sees to it that the first connection to a schema finds it made and up to date, whenever that is.
final class PostgreSQLPreparation: Sendable {
    private let connector: PostgreSQLConnector
    /// Nil takes the schema as it is.
    private let migrator: Migrator?
    private let logger: Logger
    private let isDone = Mutex(false)

    init(connector: PostgreSQLConnector, migrator: Migrator?, logger: Logger) {
        self.connector = connector
        self.migrator = migrator
        self.logger = logger
    }

    /// A connection to a schema that is up to date. Others wait while one connection prepares it.
    ///
    /// - Throws: `StorageError` of kind `unavailable`; `MartletError` for a server or a schema that cannot be used.
    func open(toWrite: Bool) throws -> PostgreSQLConnection {
        try isDone.withLock { isDone in
            guard !isDone else { return }
            if let migrator { try prepare(try connector.open(toWrite: true), migrator) }
            isDone = true
        }
        return try connector.open(toWrite: toWrite)
    }

    private func prepare(_ connection: PostgreSQLConnection, _ migrator: Migrator) throws {
        let found = try connection.rows(
            "SELECT 1 AS one FROM pg_namespace WHERE nspname = $1", [.text(connector.schema)])
        try migrator.bringUpToDate { body in
            try connection.script(
                """
                BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
                SET LOCAL statement_timeout TO 0;
                SET LOCAL lock_timeout TO 0;
                SET LOCAL idle_in_transaction_session_timeout TO 0
                """)
            // Neither another migration nor any write of an older Martlet happens meanwhile.
            try connection.queue("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [connector.writerLock])
            try connection.answers(seconds: PostgreSQLLimits.migrationSeconds)
            if found.isEmpty { try connection.script("CREATE SCHEMA IF NOT EXISTS \(connector.schema)") }
            try connection.script(
                """
                CREATE TABLE IF NOT EXISTS commit_groups (
                    writer TEXT PRIMARY KEY, number BIGINT NOT NULL, updated_at BIGINT NOT NULL) WITH (fillfactor = 50);
                -- Of processes that ended long ago.
                DELETE FROM commit_groups
                    WHERE updated_at < EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) * 1000 - 7 * 86400000.0
                """)
            do {
                try body(SQLConnection(engine: .postgresql(connection)))
                try connection.script("COMMIT", seconds: PostgreSQLLimits.migrationSeconds)
            } catch {
                // The failure that matters is reported; without the connection nothing is committed.
                connection.giveUp()
                throw error
            }
        }
        let fsync = try connection.rows("SELECT current_setting('fsync') AS fsync", []).first?.text("fsync")
        if fsync != "on" {
            logger.warning(
                "PostgreSQL runs with fsync=\(fsync ?? "?"): writes are lost when its machine fails",
                metadata: ["database": "\(connector.address)"])
        }
    }
}
