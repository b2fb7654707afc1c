/// A connection inside a transaction. Lives only as long as the closure that it was handed to.
///
/// Statements are written in the common subset of SQLite ≥ 3.40 and PostgreSQL ≥ 15, with `$1`, `$2` … for values.
public struct SQLConnection {
    /// Whose connection it is.
    enum Engine {
        case sqlite(SQLiteSession)
        case postgresql(PostgreSQLConnection)
    }

    let engine: Engine

    /// Runs a statement that returns no rows.
    ///
    /// - Returns: the number of rows that it changed.
    /// - Throws: `StorageError`.
    @discardableResult
    public func execute(_ sql: String, _ values: [SQLValue] = []) throws(StorageError) -> Int {
        switch engine {
        case .sqlite(let session): try session.execute(sql, values)
        case .postgresql(let connection): try connection.execute(sql, values)
        }
    }

    /// Runs a statement whose count of changed rows nobody needs, without waiting for the answer where the engine is a server.
    ///
    /// If it fails, the write fails: with the next statement that waits, or at the end of the write's closure. Use `execute`
    /// where the error is to be caught.
    /// - Throws: `StorageError`, of this statement or one sent before.
    public func send(_ sql: String, _ values: [SQLValue] = []) throws(StorageError) {
        switch engine {
        case .sqlite(let session): _ = try session.execute(sql, values)
        case .postgresql(let connection): try connection.send(sql, values)
        }
    }

    /// All rows of a result. Bound the number of rows in the statement itself.
    ///
    /// - Throws: `StorageError`.
    public func rows(_ sql: String, _ values: [SQLValue] = []) throws(StorageError) -> [SQLRow] {
        switch engine {
        case .sqlite(let session): try session.rows(sql, values, max: .max)
        case .postgresql(let connection): try connection.rows(sql, values)
        }
    }

    /// The first row of a result; nil if it has none.
    ///
    /// - Throws: `StorageError`.
    public func row(_ sql: String, _ values: [SQLValue] = []) throws(StorageError) -> SQLRow? {
        switch engine {
        case .sqlite(let session): try session.rows(sql, values, max: 1).first
        case .postgresql(let connection): try connection.rows(sql, values, max: 1).first
        }
    }

    /// Calls with one row of a result after the other, without holding all of them. The statement has no parameters.
    ///
    /// - Throws: `StorageError`, and what `body` throws.
    func forEachRow(_ sql: String, _ body: (SQLRow) throws -> Void) throws {
        switch engine {
        case .sqlite(let session): try session.forEachRow(sql, body)
        case .postgresql(let connection):
            try connection.execute("DECLARE all_rows NO SCROLL CURSOR FOR \(sql)", [])
            while true {
                let page = try connection.rows("FETCH \(DatabaseCopy.pageRows) FROM all_rows", [])
                for row in page { try body(row) }
                if page.count < DatabaseCopy.pageRows { break }
            }
            try connection.execute("CLOSE all_rows", [])
        }
    }

    /// Runs statements that are separated by semicolons, as migrations are.
    ///
    /// - Throws: `StorageError`.
    func script(_ sql: String) throws(StorageError) {
        switch engine {
        case .sqlite(let session): try session.script(sql)
        case .postgresql(let connection):
            try connection.script(PostgreSQLDialect.schema(sql), seconds: PostgreSQLLimits.migrationSeconds)
        }
    }
}
