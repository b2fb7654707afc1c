internal import Foundation
internal import Synchronization

/// Looks at the memory of all workers once a second, for as long as there are any: what a model has started works on after its answer.
final class WorkerMemoryWatch: Sendable {
    static let shared = WorkerMemoryWatch()
    private static let seconds = 1.0

    private struct Entry {
        weak var worker: WorkerProcess?
    }
    private let state = Mutex<(workers: [ObjectIdentifier: Entry], isRunning: Bool)>(([:], false))

    func add(_ worker: WorkerProcess) {
        let isFirst = state.withLock { state in
            state.workers[ObjectIdentifier(worker)] = Entry(worker: worker)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if isFirst { Thread.detachNewThread { while self.look() { Thread.sleep(forTimeInterval: Self.seconds) } } }
    }

    func remove(_ worker: ObjectIdentifier) { state.withLock { $0.workers[worker] = nil } }

    /// - Returns: false if there are none.
    private func look() -> Bool {
        // Workers are let go of outside the lock: the last one to do so comes back for it.
        let (isRunning, workers) = state.withLock { state -> (Bool, [WorkerProcess]) in
            state.isRunning = !state.workers.isEmpty
            return (state.isRunning, state.workers.values.compactMap(\.worker))
        }
        guard !workers.isEmpty else { return isRunning }
        for (worker, bytes) in zip(workers, ProcessTree.residentBytes(of: workers.map(\.identifier))) {
            worker.endIfBeyond(bytes)
        }
        return isRunning
    }
}
