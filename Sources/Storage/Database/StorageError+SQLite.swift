internal import GRDB

extension StorageError {
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
        default: kind = .other
        }
        self.init(kind, error.message ?? error.resultCode.description, sql: sql)
    }
}
