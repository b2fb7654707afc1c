internal import CPostgres

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// One connection to a PostgreSQL server, always in pipeline mode: statements are sent without waiting, and their answers read
/// when somebody needs one. Used by one thread at a time, which it may block.
final class PostgreSQLConnection {
    /// An answer that the server owes.
    private struct Owed {
        var statement: PostgreSQLStatement
        var isPreparation: Bool
    }

    private let pq: MpqTable
    private let handle: OpaquePointer
    private var cache = StatementCache<PostgreSQLStatement>()
    private var owed: [Owed] = []
    /// Whether the server was asked to answer what it owes.
    private var isSynced = false
    private var statementCount = 0
    /// Whether a store sent a statement whose answer was not read.
    private(set) var owesStore = false
    /// The connection is of no use any more.
    private(set) var isBroken = false

    /// Takes over a connection that is made.
    ///
    /// - Throws: `StorageError` if the library refuses the pipeline mode.
    init(_ handle: OpaquePointer, _ pq: MpqTable) throws(StorageError) {
        self.handle = handle
        self.pq = pq
        guard pq.PQsetnonblocking(handle, 1) == 0, pq.PQenterPipelineMode(handle) == 1 else {
            throw StorageError(.other, "libpq did not enter its pipeline mode.")
        }
    }

    deinit { pq.PQfinish(handle) }

    // MARK: statements of stores

    /// - Returns: the number of rows changed.
    @discardableResult
    func execute(_ sql: String, _ values: [SQLValue]) throws(StorageError) -> Int {
        try queue(sql, values)
        return try answers()?.changed ?? 0
    }

    func send(_ sql: String, _ values: [SQLValue]) throws(StorageError) {
        if owed.count >= PostgreSQLLimits.unansweredMax { try answers() }
        try queue(sql, values)
        owesStore = true
    }

    func rows(_ sql: String, _ values: [SQLValue], max: Int = .max) throws(StorageError) -> [SQLRow] {
        try queue(sql, values)
        return try answers()?.rows(max: max, sql: sql) ?? []
    }

    /// Runs statements that are separated by semicolons, which have no parameters.
    func script(_ sql: String, seconds: Double = PostgreSQLLimits.answerSeconds) throws(StorageError) {
        try answers()
        guard pq.PQexitPipelineMode(handle) == 1, pq.PQsendQuery(handle, sql) == 1 else { throw breakDown() }
        let deadline = ContinuousClock.now + .seconds(seconds)
        try flush(until: deadline)
        var failure: StorageError?
        while let result = try next(until: deadline) { failure = failure ?? error(of: result, sql: sql) }
        guard pq.PQenterPipelineMode(handle) == 1 else { throw breakDown() }
        if let failure { throw failure }
    }

    // MARK: the pipeline

    /// Sends a statement without waiting for its answer.
    func queue(_ sql: String, _ values: [SQLValue] = []) throws(StorageError) {
        guard !isBroken else { throw .lost("it broke before") }
        guard values.count <= PostgreSQLLimits.valuesMax else {
            throw StorageError(.limit, "A statement takes at most \(PostgreSQLLimits.valuesMax) values.", sql: sql)
        }
        if isSynced { try answers() }
        let bound = try PostgreSQLValues(values)
        let statement = try prepared(sql, values)
        let isSent = bound.withPointers { pointers, lengths, formats in
            pq.PQsendQueryPrepared(handle, statement.name, Int32(values.count), pointers, lengths, formats, 1)
        }
        guard isSent == 1 else { throw breakDown() }
        owed.append(Owed(statement: statement, isPreparation: false))
    }

    /// Waits for the answers to everything that was sent.
    ///
    /// - Returns: that to the last statement; nil if nothing was sent.
    /// - Throws: the first error among them.
    @discardableResult
    func answers(seconds: Double = PostgreSQLLimits.answerSeconds) throws(StorageError) -> PostgreSQLResult? {
        guard !owed.isEmpty || isSynced else { return nil }
        let deadline = ContinuousClock.now + .seconds(seconds)
        if !isSynced, pq.PQpipelineSync(handle) != 1 { throw breakDown() }
        try flush(until: deadline)
        let expected = owed
        owed.removeAll(keepingCapacity: true)
        isSynced = false
        owesStore = false
        var last: PostgreSQLResult?
        var failure: StorageError?
        for entry in expected {
            guard let result = try next(until: deadline) else { throw breakDown() }
            if let error = error(of: result, sql: entry.statement.sql) {
                failure = failure ?? error
            } else if result.status == MPQ_PIPELINE_ABORTED {
                last = nil
            } else {
                last = result
            }
            if entry.isPreparation, result.status != MPQ_COMMAND_OK {
                entry.statement.isSent = false
                cache.forget(entry.statement.sql)
            }
            while let more = try next(until: deadline) {
                failure = failure ?? error(of: more, sql: entry.statement.sql)
            }
        }
        guard let sync = try next(until: deadline), sync.status == MPQ_PIPELINE_SYNC else { throw breakDown() }
        if let failure { throw failure }
        return last
    }

    /// Asks for the answers to what was sent and does not wait for them: the next use of the connection reads them.
    func pushOut() throws(StorageError) {
        guard !owed.isEmpty, !isSynced else { return }
        guard pq.PQpipelineSync(handle) == 1, pq.PQflush(handle) >= 0 else { throw breakDown() }
        isSynced = true
    }

    /// Whether the server, as far as is known without asking, still has the connection.
    func isAlive() -> Bool {
        while !isBroken, isReadable(milliseconds: 0) {
            if pq.PQconsumeInput(handle) != 1 { isBroken = true }
        }
        if pq.PQstatus(handle) != MPQ_CONNECTION_OK { isBroken = true }
        return !isBroken
    }

    /// Lets nobody use the connection again: what state it is in is not known.
    func giveUp() { isBroken = true }

    // MARK: notices

    /// Waits for notices of channels that the connection listens to.
    ///
    /// - Returns: their payloads; empty when the time is over.
    func notices(milliseconds: Int32) throws(StorageError) -> [String] {
        if isReadable(milliseconds: milliseconds), pq.PQconsumeInput(handle) != 1 { throw breakDown() }
        var payloads: [String] = []
        while let notice = pq.PQnotifies(handle) {
            payloads.append(notice.pointee.payload.map { String(cString: $0) } ?? "")
            pq.PQfreemem(notice)
        }
        return payloads
    }

    // MARK: inside

    private func prepared(_ sql: String, _ values: [SQLValue]) throws(StorageError) -> PostgreSQLStatement {
        let known = cache.statement(sql)
        if let known, known.isSent, known.fits(values) { return known }
        statementCount += 1
        let statement = PostgreSQLStatement(
            name: "s\(statementCount)", sql: sql, types: PostgreSQLStatement.types(values, after: known))
        let evicted = cache.keep(statement, as: sql) + (known.map { [$0] } ?? [])
        for old in evicted where old.isSent && !owed.contains(where: { $0.statement === old }) {
            try release(old)
        }
        try prepare(statement, text: PostgreSQLDialect.statement(sql))
        return statement
    }

    private func prepare(_ statement: PostgreSQLStatement, text: String) throws(StorageError) {
        let types = statement.types
        guard pq.PQsendPrepare(handle, statement.name, text, Int32(types.count), types) == 1 else { throw breakDown() }
        statement.isSent = true
        owed.append(Owed(statement: statement, isPreparation: true))
    }

    private func release(_ statement: PostgreSQLStatement) throws(StorageError) {
        statement.isSent = false
        let text = "DEALLOCATE \(statement.name)"
        try prepare(PostgreSQLStatement(name: "", sql: text, types: []), text: text)
        guard pq.PQsendQueryPrepared(handle, "", 0, nil, nil, nil, 1) == 1 else { throw breakDown() }
        owed.append(Owed(statement: PostgreSQLStatement(name: "", sql: text, types: []), isPreparation: false))
    }

    private func flush(until deadline: ContinuousClock.Instant) throws(StorageError) {
        while true {
            let left = pq.PQflush(handle)
            if left == 0 { return }
            guard left > 0 else { throw breakDown() }
            // The server may stop reading until we read what it has answered.
            let ready = try wait(for: Int16(POLLIN | POLLOUT), until: deadline)
            if ready & Int16(POLLIN) != 0, pq.PQconsumeInput(handle) != 1 { throw breakDown() }
        }
    }

    /// - Returns: nil at the end of one statement's answers.
    private func next(until deadline: ContinuousClock.Instant) throws(StorageError) -> PostgreSQLResult? {
        while pq.PQisBusy(handle) != 0 {
            _ = try wait(for: Int16(POLLIN), until: deadline)
            guard pq.PQconsumeInput(handle) == 1 else { throw breakDown() }
        }
        return pq.PQgetResult(handle).map { PostgreSQLResult($0, pq) }
    }

    /// - Returns: nil for an answer that is no error.
    private func error(of result: PostgreSQLResult, sql: String) -> StorageError? {
        guard result.status == MPQ_FATAL_ERROR else { return nil }
        if pq.PQstatus(handle) != MPQ_CONNECTION_OK { isBroken = true }
        guard let state = result.sqlState else { return .lost(result.message) }
        // A plan that a migration by another process has made stale: with new statements it goes on.
        if state == "0A000" || state == "26000" { isBroken = true }
        return StorageError(sqlState: state, message: result.message, sql: sql)
    }

    private func breakDown() -> StorageError {
        isBroken = true
        return .lost(pq.PQerrorMessage(handle).map { String(cString: $0) } ?? "")
    }

    private func wait(for events: Int16, until deadline: ContinuousClock.Instant) throws(StorageError) -> Int16 {
        let left = ContinuousClock.now.duration(to: deadline)
        let milliseconds = max(0, left.components.seconds * 1_000 + left.components.attoseconds / 1_000_000_000_000_000)
        let ready = poll(events, milliseconds: Int32(clamping: milliseconds))
        guard ready != 0 else {
            isBroken = true
            throw StorageError(.timeout, "PostgreSQL did not answer in time; the connection was given up.")
        }
        return ready
    }

    private func isReadable(milliseconds: Int32) -> Bool { poll(Int16(POLLIN), milliseconds: milliseconds) != 0 }

    /// - Returns: what the socket is ready for; 0 when the time is over.
    private func poll(_ events: Int16, milliseconds: Int32) -> Int16 {
        SocketWait.poll(pq.PQsocket(handle), events, milliseconds: milliseconds)
    }
}
