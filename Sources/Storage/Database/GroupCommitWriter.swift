internal import Dispatch
internal import Domain
internal import GRDB
internal import Synchronization

/// Gathers writes that arrive together into one transaction with one fsync, each in its own savepoint.
///
/// The first write of an idle queue starts the drain; those that arrive while it commits form the next group, so a lone
/// writer waits for nobody and many writers share the disk.
final class GroupCommitWriter: Sendable {
    /// Writes waiting at most. At 100,000 small writes a second this is a tenth of a second of work.
    static let queuedMax = 10_000
    /// Writes in one transaction at most, so that the first is not kept waiting by the last.
    static let groupMax = 256
    /// A write that waited this long is refused, not run.
    static let waitMax = Duration.seconds(10)

    /// One write, its result type erased.
    private struct Job: Sendable {
        let queuedAt: ContinuousClock.Instant
        /// Runs the body; the closure that it returns hands the result over once the group is durable.
        let run: @Sendable (SQLConnection) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void
    }

    private struct State {
        var queue: [Job] = []
        var isDraining = false
        var isClosed = false
    }

    private let pool: DatabasePool
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "martlet.database.writer")

    init(pool: DatabasePool) {
        self.pool = pool
    }

    func write<Result: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let job = Job(
                queuedAt: .now,
                run: { connection in
                    let result = try body(connection)
                    return { continuation.resume(returning: result) }
                },
                fail: { continuation.resume(throwing: $0) })
            if let refusal = enqueue(job) { job.fail(refusal) }
        }
    }

    /// Refuses new writes and waits until those in the queue are done.
    func close() async {
        state.withLock { $0.isClosed = true }
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }

    /// - Returns: why the job was not taken; nil if it was.
    private func enqueue(_ job: Job) -> MartletError? {
        let (refusal, mustDrain): (MartletError?, Bool) = state.withLock { state in
            if state.isClosed { return (MartletError(.unavailable, "The server is stopping."), false) }
            if state.queue.count >= Self.queuedMax {
                return (MartletError(.resourceExhausted, "\(Self.queuedMax) writes are waiting. Try again."), false)
            }
            state.queue.append(job)
            defer { state.isDraining = true }
            return (nil, !state.isDraining)
        }
        if mustDrain { queue.async { self.drain() } }
        return refusal
    }

    private func drain() {
        while true {
            let group: [Job] = state.withLock { state in
                let count = min(state.queue.count, Self.groupMax)
                if count == 0 { state.isDraining = false }
                defer { state.queue.removeFirst(count) }
                return Array(state.queue.prefix(count))
            }
            if group.isEmpty { return }
            commit(group)
        }
    }

    private func commit(_ group: [Job]) {
        var remaining = group[...]
        // A disk error inside a savepoint can roll the whole transaction back; the jobs after it get one of their own.
        while !remaining.isEmpty {
            remaining = pool.writeWithoutTransaction { database in commitOnce(remaining, in: database) }
        }
    }

    /// - Returns: the jobs not yet tried.
    private func commitOnce(_ jobs: ArraySlice<Job>, in database: GRDB.Database) -> ArraySlice<Job> {
        do {
            try database.execute(sql: "BEGIN IMMEDIATE")
        } catch {
            for job in jobs { job.fail(StorageError(error)) }
            return []
        }
        var done: [(job: Job, finish: @Sendable () -> Void)] = []
        do {
            for index in jobs.indices {
                let job = jobs[index]
                if let finish = attempt(job, in: database) {
                    done.append((job, finish))
                } else if !database.isInsideTransaction {
                    let lost = StorageError(.disk, "SQLite rolled the transaction back.")
                    for entry in done { entry.job.fail(lost) }
                    return jobs[(index + 1)...]
                }
            }
            try database.execute(sql: "COMMIT")
        } catch {
            if database.isInsideTransaction {
                // The failure that matters is reported; a rollback that fails too leaves nothing committed either.
                try? database.execute(sql: "ROLLBACK")
            }
            for entry in done { entry.job.fail(StorageError(error)) }
            return []
        }
        for entry in done { entry.finish() }
        return []
    }

    /// - Returns: what hands the result over once durable; nil if the job failed and was told.
    private func attempt(_ job: Job, in database: GRDB.Database) -> (@Sendable () -> Void)? {
        if ContinuousClock.now - job.queuedAt > Self.waitMax {
            job.fail(MartletError(.deadlineExceeded, "The write waited \(Self.waitMax) in the queue."))
            return nil
        }
        do {
            try database.execute(sql: "SAVEPOINT one")
            let finish = try job.run(SQLConnection(database: database))
            try database.execute(sql: "RELEASE one")
            return finish
        } catch {
            if database.isInsideTransaction {
                do {
                    try database.execute(sql: "ROLLBACK TO one; RELEASE one")
                } catch {
                    // The savepoint cannot be undone, so the whole group must not commit.
                    try? database.execute(sql: "ROLLBACK")
                }
            }
            job.fail(error)
            return nil
        }
    }
}
