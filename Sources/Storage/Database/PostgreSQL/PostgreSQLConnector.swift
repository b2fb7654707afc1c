internal import CPostgres
internal import Domain
internal import Foundation
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// Makes connections to one schema of one database, and holds back while the server cannot be reached.
final class PostgreSQLConnector: Sendable {
    private struct Gate {
        var failures = 0
        var opensAt = ContinuousClock.now
        var reason = ""
    }

    let address: PostgreSQLAddress
    /// Holds all of one database's tables.
    let schema: String
    private let gate = Mutex(Gate())

    /// - Throws: `invalidArgument` for a schema that is not made of lower-case letters, digits and underscores.
    init(address: PostgreSQLAddress, schema: String) throws {
        let isPlain = schema.utf8.allSatisfy { byte in
            (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "_")
        }
        guard isPlain, !schema.isEmpty, schema.utf8.count <= 63 else {
            throw MartletError.invalid("The schema '\(schema)' is not made of a-z, 0-9 and _.")
        }
        self.address = address
        self.schema = schema
    }

    /// A new connection with our settings.
    ///
    /// - Throws: `StorageError` of kind `unavailable` while the server cannot be reached; `MartletError` for one that cannot
    ///   be used: too old, another encoding.
    func open(toWrite: Bool) throws -> PostgreSQLConnection {
        let pq = try LibPQ.shared().functions
        if let reason = gate.withLock({ ContinuousClock.now < $0.opensAt ? $0.reason : nil }) {
            throw StorageError(.unavailable, "PostgreSQL at \(address) cannot be reached: \(reason)")
        }
        do {
            let connection = try PostgreSQLConnection(connect(pq, toWrite: toWrite), pq)
            try configure(connection)
            gate.withLock { $0 = Gate() }
            return connection
        } catch let error as StorageError {
            gate.withLock { gate in
                gate.failures += 1
                let doubled = PostgreSQLLimits.reconnectFirstSeconds * pow(2, Double(min(gate.failures, 10)))
                // Servers that lost the same database do not come back in step.
                let wait = min(doubled, PostgreSQLLimits.reconnectMaxSeconds) * Double.random(in: 0.5...1)
                gate.opensAt = .now + .seconds(wait)
                gate.reason = error.message
            }
            throw error
        }
    }

    /// The name of the lock that makes all writers of the schema, in whatever process, one.
    var writerLock: SQLValue { .text("martlet/\(schema)") }

    /// The schema's own channel of that name.
    func channel(_ name: String) -> String { "\(schema)_\(name)" }

    private func connect(_ pq: MpqTable, toWrite: Bool) throws -> OpaquePointer {
        var parameters = [
            ("application_name", "martlet"), ("keepalives_idle", "10"), ("keepalives_interval", "5"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "15000"),
            ("target_session_attrs", toWrite ? "read-write" : "any"),
        ]
        parameters.removeAll { address.value($0.0) != nil }
        parameters += address.parameters.map { ($0.keyword, $0.value) } + [("client_encoding", "UTF8")]
        let keywords: [UnsafePointer<CChar>?] = parameters.map { UnsafePointer(strdup($0.0)) } + [nil]
        let values: [UnsafePointer<CChar>?] = parameters.map { UnsafePointer(strdup($0.1)) } + [nil]
        defer { for pointer in keywords + values { free(UnsafeMutablePointer(mutating: pointer)) } }
        guard let handle = pq.PQconnectStartParams(keywords, values, 0) else {
            throw StorageError(.unavailable, "libpq had no memory for a connection.")
        }
        do {
            try finishConnecting(handle, pq)
            return handle
        } catch {
            pq.PQfinish(handle)
            throw error
        }
    }

    private func finishConnecting(_ handle: OpaquePointer, _ pq: MpqTable) throws {
        let deadline = ContinuousClock.now + .seconds(PostgreSQLLimits.connectSeconds)
        var state = Int32(MPQ_POLLING_WRITING)
        while pq.PQstatus(handle) != MPQ_CONNECTION_BAD, state != MPQ_POLLING_OK, state != MPQ_POLLING_FAILED {
            let events = Int16(state == MPQ_POLLING_READING ? POLLIN : POLLOUT)
            guard ContinuousClock.now < deadline else {
                throw StorageError(
                    .unavailable, "No connection was made within \(Int(PostgreSQLLimits.connectSeconds)) seconds.")
            }
            if SocketWait.poll(pq.PQsocket(handle), events, milliseconds: 200) != 0 { state = pq.PQconnectPoll(handle) }
        }
        guard state == MPQ_POLLING_OK else {
            let message = pq.PQerrorMessage(handle).map { String(cString: $0) } ?? ""
            throw StorageError(.unavailable, message.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        let version = Int(pq.PQserverVersion(handle))
        guard version >= PostgreSQLLimits.serverVersionMin else {
            throw MartletError.precondition(
                "The server at \(address) is PostgreSQL \(version / 10_000); 15 or later is needed.")
        }
    }

    private func configure(_ connection: PostgreSQLConnection) throws {
        try connection.script(
            """
            SET client_min_messages TO error;
            SET search_path TO \(schema);
            SET statement_timeout TO \(PostgreSQLLimits.statementMilliseconds);
            SET lock_timeout TO \(PostgreSQLLimits.lockMilliseconds);
            SET idle_in_transaction_session_timeout TO \(PostgreSQLLimits.idleInTransactionMilliseconds);
            SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit')
                WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)
            """)
        let settings = try connection.rows(
            """
            SELECT current_setting('server_encoding') AS encoding, current_setting('synchronous_commit') AS commit
            """, []
        ).first
        guard let settings, try settings.text("encoding") == "UTF8" else {
            throw MartletError.precondition(
                "The database at \(address) does not have the encoding UTF8. Make one with CREATE DATABASE … ENCODING 'UTF8'."
            )
        }
        guard ["on", "remote_apply"].contains(try settings.text("commit")) else {
            throw MartletError.precondition(
                "The server at \(address) did not accept synchronous_commit=on, without which writes are not durable.")
        }
    }
}
