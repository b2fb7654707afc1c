internal import GRDB

internal import struct Foundation.Data

/// A connection inside a transaction. Lives only as long as the closure that it was handed to.
///
/// Statements are written in the common subset of SQLite ≥ 3.40 and PostgreSQL ≥ 15, with `$1`, `$2` … for values.
public struct SQLConnection {
    let database: GRDB.Database

    /// Runs a statement that returns no rows.
    ///
    /// - Returns: the number of rows that it changed.
    /// - Throws: `StorageError`.
    @discardableResult
    public func execute(_ sql: String, _ values: [SQLValue] = []) throws(StorageError) -> Int {
        do {
            let statement = try prepared(sql, values)
            try statement.execute()
            return database.changesCount
        } catch {
            throw StorageError(error, sql: sql)
        }
    }

    /// All rows of a result. Bound the number of rows in the statement itself.
    ///
    /// - Throws: `StorageError`.
    public func rows(_ sql: String, _ values: [SQLValue] = []) throws(StorageError) -> [SQLRow] {
        do {
            let statement = try prepared(sql, values)
            let columns = statement.columnNames
            var result: [SQLRow] = []
            let cursor = try Row.fetchCursor(statement)
            while let row = try cursor.next() {
                result.append(SQLRow(columns: columns, values: columns.indices.map { SQLValue(row, at: $0) }))
            }
            return result
        } catch {
            throw StorageError(error, sql: sql)
        }
    }

    /// The first row of a result; nil if it has none.
    ///
    /// - Throws: `StorageError`.
    public func row(_ sql: String, _ values: [SQLValue] = []) throws(StorageError) -> SQLRow? {
        try rows(sql, values).first
    }

    private func prepared(_ sql: String, _ values: [SQLValue]) throws -> Statement {
        // SQLite's C interface would cut the text there without a word; PostgreSQL refuses it.
        for case .text(let text) in values where text.utf8.contains(0) {
            throw StorageError(.illegalText, "A text value holds NUL.")
        }
        let statement = try database.cachedStatement(sql: SQLiteDialect.numbered(sql))
        try statement.setArguments(StatementArguments(values.map(\.databaseValue)))
        return statement
    }
}

extension SQLValue {
    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .real(let value): value.databaseValue
        case .text(let value): value.databaseValue
        case .blob(let value): value.withUnsafeBytes { Data($0) }.databaseValue
        }
    }

    init(_ row: Row, at index: Int) {
        let value: DatabaseValue = row[index]
        switch value.storage {
        case .null: self = .null
        case .int64(let value): self = .integer(value)
        case .double(let value): self = .real(value)
        case .string(let value): self = .text(value)
        case .blob(let value): self = .blob([UInt8](value))
        }
    }
}
