internal import Synchronization

/// Bounds how many workers there are: each has the memory of a Python process with all that its model imports.
final class WorkerPool: Sendable {
    private struct Entry {
        weak var model: PythonModel?
    }
    private struct State {
        var running = 0
        var isClosed = false
        var models: [ObjectIdentifier: Entry] = [:]
    }
    private let state = Mutex(State())
    let workersMax: Int

    init(workersMax: Int) {
        self.workersMax = workersMax
    }

    func add(_ model: PythonModel) {
        state.withLock { $0.models[ObjectIdentifier(model)] = Entry(model: model) }
    }

    func remove(_ model: ObjectIdentifier) {
        state.withLock { $0.models[model] = nil }
    }

    /// Takes a place for one more worker. Where all are taken, the model that was asked longest ago gives its own up, if it answers
    /// nobody now and was asked before `idleSince`.
    ///
    /// - Returns: false if there is none.
    func take(idleSince: ContinuousClock.Instant) -> Bool {
        // Models are let go of outside the lock: the last one to do so comes back for it.
        let (isTaken, models) = state.withLock { state -> (Bool, [PythonModel]) in
            guard !state.isClosed else { return (false, []) }
            guard state.running >= workersMax else {
                state.running += 1
                return (true, [])
            }
            return (false, state.models.values.compactMap(\.model))
        }
        if isTaken { return true }
        let idle = models.map { (model: $0, lastUse: $0.lastUse) }.filter { $0.lastUse < idleSince }
        return idle.sorted { $0.lastUse < $1.lastUse }.contains { $0.model.park() }
    }

    func give() {
        state.withLock { $0.running -= 1 }
    }

    /// Ends all workers and lets no more be started.
    func close() {
        let models = state.withLock { state in
            state.isClosed = true
            return state.models.values.compactMap(\.model)
        }
        for model in models { model.end() }
    }
}
