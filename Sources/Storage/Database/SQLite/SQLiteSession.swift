internal import GRDBSQLite

/// One SQLite connection and its prepared statements.
// @unchecked Sendable: GRDB gives a connection to one thread at a time, and a session is only used where its connection is.
final class SQLiteSession: @unchecked Sendable {
    private let connection: OpaquePointer
    private var cache = StatementCache<SQLiteStatement>()

    init(connection: OpaquePointer) {
        self.connection = connection
    }

    var isInsideTransaction: Bool { sqlite3_get_autocommit(connection) == 0 }

    /// - Returns: the number of rows changed.
    @discardableResult
    func execute(_ sql: String, _ values: [SQLValue] = []) throws(StorageError) -> Int {
        try statement(sql).run(values, sql: sql)
        return Int(sqlite3_changes(connection))
    }

    func rows(_ sql: String, _ values: [SQLValue], max: Int) throws(StorageError) -> [SQLRow] {
        var rows: [SQLRow] = []
        try statement(sql).run(values, sql: sql) { columns, statement in
            rows.append(SQLRow(columns: columns, values: columns.indices.map(statement.value)))
            return rows.count < max
        }
        return rows
    }

    func forEachRow(_ sql: String, _ body: (SQLRow) throws -> Void) throws {
        var failure: (any Error)?
        try statement(sql).run([], sql: sql) { columns, statement in
            do {
                try body(SQLRow(columns: columns, values: columns.indices.map(statement.value)))
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
    }

    /// Runs statements that are separated by semicolons.
    func script(_ sql: String) throws(StorageError) {
        let code = sqlite3_exec(connection, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw StorageError(sqlite: code, on: connection, sql: sql) }
    }

    /// Runs `body` in a durable transaction of its own.
    func transaction(_ body: (SQLConnection) throws -> Void) throws {
        try execute("BEGIN IMMEDIATE")
        do {
            try body(SQLConnection(engine: .sqlite(self)))
            try execute("COMMIT")
        } catch {
            // The failure that matters is reported; a rollback that fails too leaves nothing committed either.
            if isInsideTransaction { _ = try? execute("ROLLBACK") }
            throw error
        }
    }

    /// Lets go of all statements, as must be done before the connection is closed.
    func forgetStatements() { cache.removeAll() }

    private func statement(_ sql: String) throws(StorageError) -> SQLiteStatement {
        if let known = cache.statement(sql) { return known }
        let statement = try SQLiteStatement(sql, on: connection)
        _ = cache.keep(statement, as: sql)
        return statement
    }
}
