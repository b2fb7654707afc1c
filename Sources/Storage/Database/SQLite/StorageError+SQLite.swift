internal import GRDB
internal import GRDBSQLite

extension StorageError {
    /// What a call of SQLite's C interface failed with.
    init(sqlite code: Int32, on connection: OpaquePointer, sql: String?) {
        let extended = sqlite3_extended_errcode(connection)
        let message = sqlite3_errmsg(connection).map { String(cString: $0) }
        // The connection's own code is finer, where it is about this call.
        let result = extended & 0xFF == code & 0xFF ? extended : code
        self.init(DatabaseError(resultCode: ResultCode(rawValue: result), message: message), sql: sql)
    }

    /// Classifies by SQLite's result code; an error of ours goes through unchanged.
    init(_ error: any Error, sql: String? = nil) {
        if let own = error as? StorageError {
            self = own
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.other, String(describing: error), sql: sql)
            return
        }
        let kind: Kind
        switch error.resultCode {
        case .SQLITE_CONSTRAINT:
            let isUnique = [.SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY, .SQLITE_CONSTRAINT_ROWID]
                .contains(error.extendedResultCode)
            kind = isUnique ? .uniqueViolation : .constraintViolation
        case .SQLITE_BUSY, .SQLITE_LOCKED: kind = .busy
        case .SQLITE_IOERR, .SQLITE_FULL, .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_CANTOPEN, .SQLITE_READONLY:
            kind = .disk
        case .SQLITE_TOOBIG, .SQLITE_RANGE: kind = .limit
        case .SQLITE_ERROR where Self.isLimit(error.message ?? ""): kind = .limit
        default: kind = .other
        }
        self.init(kind, error.message ?? error.resultCode.description, sql: sql)
    }

    /// SQLite has one result code, SQLITE_ERROR, for a defect of ours and for a statement past its limits; only its fixed words
    /// tell them apart (sqlite.org/limits.html).
    private static func isLimit(_ message: String) -> Bool {
        [
            "too many SQL variables", "variable number must be between", "too many terms in", "too many columns in",
            "tables in a join", "Expression tree is too large", "LIKE or GLOB pattern too complex",
            "parser stack overflow", "string or blob too big",
        ].contains { message.contains($0) }
    }
}
