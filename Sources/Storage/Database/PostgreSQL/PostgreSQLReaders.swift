internal import Dispatch
internal import Domain
internal import Synchronization

/// Connections for reading, each with a thread of its own, made when they are needed.
final class PostgreSQLReaders: Sendable {
    /// One read, its result type erased.
    private struct Job: Sendable {
        let queuedAt = ContinuousClock.now
        /// Returns what hands the result over.
        let run: @Sendable (SQLConnection) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void
    }

    // @unchecked Sendable: the connection is used on the queue only.
    private final class Reader: @unchecked Sendable {
        let queue = DispatchQueue(label: "martlet.database.reader")
        var connection: PostgreSQLConnection?
    }

    private struct State {
        var idle: [Reader] = []
        var count = 0
        var waiting: [Job] = []
        var isClosed = false
    }

    /// A connection that is ready to be used.
    private let connect: @Sendable () throws -> PostgreSQLConnection
    private let state = Mutex(State())

    init(connect: @escaping @Sendable () throws -> PostgreSQLConnection) {
        self.connect = connect
    }

    func read<Result: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            enqueue(
                Job(
                    run: { connection in
                        let result = try body(connection)
                        return { continuation.resume(returning: result) }
                    },
                    fail: { continuation.resume(throwing: $0) }))
        }
    }

    /// Refuses new reads and waits for those under way.
    func close() async {
        let idle = state.withLock { state in
            state.isClosed = true
            defer { state.idle.removeAll() }
            return state.idle
        }
        for reader in idle {
            await withCheckedContinuation { continuation in
                reader.queue.async {
                    reader.connection = nil
                    continuation.resume()
                }
            }
        }
    }

    private func enqueue(_ job: Job) {
        let (reader, refusal): (Reader?, MartletError?) = state.withLock { state in
            if state.isClosed { return (nil, MartletError(.unavailable, "The server is stopping.")) }
            if let reader = state.idle.popLast() { return (reader, nil) }
            if state.count < PostgreSQLLimits.readersMax {
                state.count += 1
                return (Reader(), nil)
            }
            guard state.waiting.count < PostgreSQLLimits.waitingReadsMax else {
                return (
                    nil,
                    MartletError(
                        .resourceExhausted, "\(PostgreSQLLimits.waitingReadsMax) reads are waiting. Try again.")
                )
            }
            state.waiting.append(job)
            return (nil, nil)
        }
        if let refusal { job.fail(refusal) }
        if let reader { reader.queue.async { self.work(job, on: reader) } }
    }

    private func work(_ first: Job, on reader: Reader) {
        var next: Job? = first
        while let job = next {
            perform(job, on: reader)
            next = state.withLock { state -> Job? in
                if !state.waiting.isEmpty { return state.waiting.removeFirst() }
                if state.isClosed { reader.connection = nil } else { state.idle.append(reader) }
                return nil
            }
        }
    }

    private func perform(_ job: Job, on reader: Reader) {
        guard ContinuousClock.now - job.queuedAt < PostgreSQLLimits.readWaitMax else {
            let message = "The read waited \(PostgreSQLLimits.readWaitMax) for a connection."
            return job.fail(MartletError(.deadlineExceeded, message))
        }
        do {
            // A connection that broke while it lay idle, with the server's restart perhaps, costs a read nothing.
            let isKept = reader.connection?.isAlive() == true
            if !isKept { reader.connection = nil }
            let connection = try reader.connection ?? connect()
            reader.connection = connection
            let finish: @Sendable () -> Void
            do {
                finish = try attempt(job, on: connection)
            } catch  where connection.isBroken && isKept {
                reader.connection = nil
                let fresh = try connect()
                reader.connection = fresh
                finish = try attempt(job, on: fresh)
            }
            finish()
        } catch {
            if reader.connection?.isBroken == true { reader.connection = nil }
            job.fail(error)
        }
    }

    private func attempt(_ job: Job, on connection: PostgreSQLConnection) throws -> @Sendable () -> Void {
        try connection.queue("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        do {
            let finish = try job.run(SQLConnection(engine: .postgresql(connection)))
            try connection.queue("COMMIT")
            try connection.pushOut()
            return finish
        } catch {
            if !connection.isBroken {
                do {
                    // What it still owes is of no interest; if it fails, the connection is broken.
                    _ = try? connection.answers()
                    try connection.queue("ROLLBACK")
                    try connection.answers()
                } catch {
                    connection.giveUp()
                }
            }
            throw error
        }
    }
}
