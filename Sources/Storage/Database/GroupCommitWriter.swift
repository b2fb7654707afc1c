internal import Dispatch
internal import Domain
internal import Synchronization

/// Gathers writes that arrive together into one transaction with one flush, each in its own savepoint.
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

    private struct State {
        var queue: [WriteJob] = []
        var isDraining = false
        var isClosed = false
    }

    private let group: any GroupCommitting
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "martlet.database.writer")

    init(group: any GroupCommitting) {
        self.group = group
    }

    func write<Result: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let job = WriteJob(
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
    private func enqueue(_ job: WriteJob) -> MartletError? {
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
            let taken: [WriteJob] = state.withLock { state in
                let count = min(state.queue.count, Self.groupMax)
                if count == 0 { state.isDraining = false }
                defer { state.queue.removeFirst(count) }
                return Array(state.queue.prefix(count))
            }
            if taken.isEmpty { return }
            group.commit(taken)
        }
    }
}

extension WriteJob {
    /// Whether it waited too long, in which case it is told so and must not run.
    func refuseIfLate() -> Bool {
        guard ContinuousClock.now - queuedAt > GroupCommitWriter.waitMax else { return false }
        fail(MartletError(.deadlineExceeded, "The write waited \(GroupCommitWriter.waitMax) in the queue."))
        return true
    }
}
