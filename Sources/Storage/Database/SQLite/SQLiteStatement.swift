internal import GRDBSQLite

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A prepared statement of one SQLite connection, with what is worth knowing once: where its parameters and columns are.
final class SQLiteStatement: CachedStatement {
    /// SQLite copies what is bound.
    private static var transient: sqlite3_destructor_type {
        unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    }

    private let connection: OpaquePointer
    private let handle: OpaquePointer
    /// For each of SQLite's parameters the place of its value: `$3` is 2. SQLite numbers `$n` by first appearance.
    private let places: [Int]
    /// How many values the statement takes: the highest `n` of its `$n`.
    private let valueCount: Int
    private var columns: [String]
    /// Times that SQLite prepared the statement anew after a change of the schema, which may change the columns.
    private var preparations: Int32 = 0
    var lastUse: UInt64 = 0

    /// - Throws: `StorageError` if SQLite does not understand the text, or if it holds more than one statement.
    init(_ sql: String, on connection: OpaquePointer) throws(StorageError) {
        var handle: OpaquePointer?
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard code == SQLITE_OK, let handle else {
            throw StorageError(sqlite: code == SQLITE_OK ? SQLITE_MISUSE : code, on: connection, sql: sql)
        }
        self.connection = connection
        self.handle = handle
        places = (0..<sqlite3_bind_parameter_count(handle)).map { index in
            guard let name = sqlite3_bind_parameter_name(handle, index + 1), let number = Int(String(cString: name + 1))
            else { return Int(index) }
            return number - 1
        }
        valueCount = (places.max() ?? -1) + 1
        columns = Self.columns(of: handle)
    }

    deinit { sqlite3_finalize(handle) }

    /// Binds the values, steps through the rows and leaves the statement ready for its next use.
    ///
    /// - Parameter each: given the names of the columns and this statement, on a row; ends the run by returning false.
    /// - Throws: `StorageError`.
    func run(
        _ values: [SQLValue], sql: String, each: ([String], SQLiteStatement) -> Bool = { _, _ in true }
    ) throws(StorageError) {
        defer {
            // Reports the error of the last step again, which is known; the bindings hold copies of the values.
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        try bind(values, sql: sql)
        var isFirst = true
        while true {
            let code = sqlite3_step(handle)
            if isFirst {
                isFirst = false
                reloadColumnsIfPreparedAnew()
            }
            if code == SQLITE_DONE { return }
            guard code == SQLITE_ROW else { throw StorageError(sqlite: code, on: connection, sql: sql) }
            if !each(columns, self) { return }
        }
    }

    /// The value of a column of the row that the statement stands on.
    func value(_ index: Int) -> SQLValue {
        let column = Int32(truncatingIfNeeded: index)
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, column))
        case SQLITE_TEXT:
            let start = sqlite3_column_text(handle, column)
            let count = Int(sqlite3_column_bytes(handle, column))
            return .text(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            let start = sqlite3_column_blob(handle, column)
            let count = Int(sqlite3_column_bytes(handle, column))
            return .blob([UInt8](UnsafeRawBufferPointer(start: start, count: count)))
        default: return .null
        }
    }

    private func bind(_ values: [SQLValue], sql: String) throws(StorageError) {
        guard values.count == valueCount else {
            throw StorageError(.other, "The statement takes \(valueCount) values and got \(values.count).", sql: sql)
        }
        for (index, place) in places.enumerated() {
            let code = try bind(values[place], at: Int32(index + 1))
            guard code == SQLITE_OK else { throw StorageError(sqlite: code, on: connection, sql: sql) }
        }
    }

    private func bind(_ value: SQLValue, at index: Int32) throws(StorageError) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(handle, index)
        case .integer(let integer): return sqlite3_bind_int64(handle, index, integer)
        // A NaN becomes NULL.
        case .real(let real): return sqlite3_bind_double(handle, index, real)
        case .text(var text):
            let code: Int32? = text.withUTF8 { bytes in
                guard let start = bytes.baseAddress, !bytes.isEmpty else {
                    return sqlite3_bind_text(handle, index, "", 0, Self.transient)
                }
                // SQLite's C interface would cut the text there without a word; PostgreSQL refuses it.
                if memchr(start, 0, bytes.count) != nil { return nil }
                return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                    sqlite3_bind_text64(
                        handle, index, $0, sqlite3_uint64(bytes.count), Self.transient, UInt8(SQLITE_UTF8))
                }
            }
            guard let code else { throw .illegalText }
            return code
        case .blob(let blob):
            if blob.isEmpty { return sqlite3_bind_zeroblob(handle, index, 0) }
            return blob.withUnsafeBytes {
                sqlite3_bind_blob64(handle, index, $0.baseAddress, sqlite3_uint64($0.count), Self.transient)
            }
        }
    }

    private func reloadColumnsIfPreparedAnew() {
        let count = sqlite3_stmt_status(handle, SQLITE_STMTSTATUS_REPREPARE, 0)
        guard count != preparations else { return }
        preparations = count
        columns = Self.columns(of: handle)
    }

    private static func columns(of handle: OpaquePointer) -> [String] {
        (0..<sqlite3_column_count(handle)).map { index in
            sqlite3_column_name(handle, index).map { String(cString: $0) } ?? ""
        }
    }
}
