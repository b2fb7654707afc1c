internal import GRDB
internal import Synchronization

/// The sessions of a pool's connections.
final class SQLiteSessions: Sendable {
    private let sessions = Mutex<[UInt: SQLiteSession]>([:])

    /// The session of the connection that the caller was given.
    ///
    /// - Throws: `StorageError` if the connection is closed.
    func session(of database: GRDB.Database) throws(StorageError) -> SQLiteSession {
        guard let connection = database.sqliteConnection else {
            throw StorageError(.other, "The connection is closed.")
        }
        // A pointer is not used again while its session has statements: they keep what it points to alive.
        let key = UInt(bitPattern: connection)
        return sessions.withLock { sessions in
            if let known = sessions[key] { return known }
            let session = SQLiteSession(connection: connection)
            sessions[key] = session
            return session
        }
    }

    /// Lets go of every statement. No connection may be in use.
    func forgetStatements() {
        sessions.withLock { sessions in
            for session in sessions.values { session.forgetStatements() }
            sessions.removeAll()
        }
    }
}
