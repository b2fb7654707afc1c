internal import Dispatch
internal import Domain
internal import Synchronization

/// Runs blocking work on a fixed number of threads, with a queue of bounded length before them.
final class BoundedExecutor: Sendable {
    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var running = 0
    }
    private let state = Mutex(State())
    private let threads: Int
    private let waitingMax: Int
    private let queue = DispatchQueue(label: "martlet.serving", attributes: .concurrent)

    init(threads: Int, waitingMax: Int) {
        self.threads = threads
        self.waitingMax = waitingMax
    }

    /// Queues `work`; false if the queue is full, and then it is never run.
    func offer(_ work: @escaping @Sendable () -> Void) -> Bool {
        let (isAccepted, isNewThread) = state.withLock { state in
            guard state.running < threads || state.waiting.count < waitingMax else { return (false, false) }
            state.waiting.append(work)
            guard state.running < threads else { return (true, false) }
            state.running += 1
            return (true, true)
        }
        if isNewThread { queue.async { self.drain() } }
        return isAccepted
    }

    /// Waits for `work`.
    ///
    /// - Throws: `resourceExhausted` if the queue is full; what `work` throws.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws(MartletError) -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let isAccepted = offer {
                do { continuation.resume(returning: try work()) } catch { continuation.resume(throwing: error) }
            }
            if !isAccepted {
                continuation.resume(
                    throwing: MartletError(
                        .resourceExhausted, "Too many models wait to be loaded. Try again later."))
            }
        }
    }

    private func drain() {
        while true {
            let work = state.withLock { state -> (@Sendable () -> Void)? in
                guard !state.waiting.isEmpty else {
                    state.running -= 1
                    return nil
                }
                return state.waiting.removeFirst()
            }
            guard let work else { return }
            work()
        }
    }
}
