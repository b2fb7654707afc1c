internal import Dispatch
internal import Domain
internal import Foundation
internal import Inference
internal import Logging
internal import Synchronization

/// A model in a worker, which is started again when it is lost: at once the first time, then after ever longer rests.
///
/// One request is in the worker at a time; others wait for the permit to use it. Whoever has the permit may start and end the worker.
final class PythonModel: ExecutableModel {
    /// A model that was asked no longer ago than this keeps its worker when another is loaded.
    private static let busySeconds = 60.0
    private static let restSecondsMax = 30.0
    /// How often who waits for the permit looks whether it is to stop.
    private static let waitMilliseconds = 20

    private struct State {
        /// nil where it has none: not yet, given up for another model's, or lost.
        var worker: WorkerProcess?
        /// Workers lost or not started since the last answer.
        var losses = 0
        /// Until when none is started, and why.
        var rest: (until: ContinuousClock.Instant, reason: MartletError)?
        var lastUse = ContinuousClock.now
        var runtime: String
    }

    let metadata: ModelMetadata
    private let document: PyfuncDocument
    /// Of the model's files.
    private let folder: String
    private let launcher: WorkerLauncher
    private let pool: WorkerPool
    private let runSecondsMax: Double
    /// Names the model by its folder.
    private let logger: Logger
    private let permit = DispatchSemaphore(value: 0)
    private let state: Mutex<State>

    /// - Parameter runSecondsMax: after which a run ends that nobody has stopped.
    init(
        _ document: PyfuncDocument, folder: String, launcher: WorkerLauncher, pool: WorkerPool, runSecondsMax: Double,
        logger: Logger
    ) {
        self.document = document
        self.folder = folder
        self.launcher = launcher
        self.pool = pool
        self.runSecondsMax = runSecondsMax
        var logger = logger
        logger[metadataKey: "model"] = "\(folder)"
        self.logger = logger
        metadata = ModelMetadata(inputs: document.inputs, outputs: document.outputs, custom: [:])
        state = Mutex(State(runtime: document.runtime))
        pool.add(self)
    }

    deinit {
        pool.remove(ObjectIdentifier(self))
        if let worker = state.withLock({ $0.worker }) {
            worker.end()
            pool.give()
        }
    }

    var runtimeIdentity: String? { state.withLock { $0.runtime } }
    /// What a program computes follows from nothing that is known here.
    var isWorkBoundByShapes: Bool { false }
    var otherProcessorSeconds: Double { state.withLock { $0.worker }?.processorSeconds ?? 0 }
    var lastUse: ContinuousClock.Instant { state.withLock { $0.lastUse } }

    func run(_ inputs: [Tensor], outputs: [Int], stop: RunStop) throws(MartletError) -> [Tensor] {
        let worker = try acquire(stop)
        let answer: WorkerProcess.Answer
        do throws(MartletError) {
            answer = try ask(worker, inputs, stop)
        } catch {
            lose(worker, error)
            throw stop.isStopped ? Self.stopped : error
        }
        state.withLock { state in
            state.losses = 0
            state.lastUse = .now
        }
        permit.signal()
        switch answer {
        case .tensors(let tensors): return outputs.map { tensors[$0] }
        case .failure(let failure) where failure.kind == .refused:
            throw MartletError.invalid("The model refuses these values: \(failure.message)")
        case .failure(let failure): throw MartletError(.internal, "The model failed: \(failure.message)")
        }
    }

    private static let stopped = MartletError(
        .deadlineExceeded, "The model was stopped before it had an answer.")

    private func ask(
        _ worker: WorkerProcess, _ inputs: [Tensor], _ stop: RunStop
    ) throws(MartletError) -> WorkerProcess.Answer {
        do throws(WorkerLoss) {
            return try worker.ask(
                inputs, document.inputs, outputs: document.outputs, seconds: runSecondsMax,
                isStopped: { stop.isStopped })
        } catch {
            let reason = worker.reason(error, seconds: Int(runSecondsMax))
            throw MartletError(.unavailable, "The model's Python worker was lost while it answered: it \(reason).")
        }
    }

    // MARK: the permit

    /// Waits for the permit and for a worker that is ready.
    ///
    /// - Throws: `deadlineExceeded` if it is stopped; `unavailable` where none can be started now. Then the permit is given back.
    private func acquire(_ stop: RunStop) throws(MartletError) -> WorkerProcess {
        while true {
            while permit.wait(timeout: .now() + .milliseconds(Self.waitMilliseconds)) == .timedOut {
                if stop.isStopped { throw Self.stopped }
            }
            if stop.isStopped {
                permit.signal()
                throw Self.stopped
            }
            let (worker, rest) = state.withLock { ($0.worker, $0.rest) }
            if let worker {
                if worker.isWaiting { return worker }
                // It went while nobody asked: the request goes to the next.
                let reason = worker.reason(.gone, seconds: 0)
                lose(worker, MartletError(.unavailable, "The model's Python worker was lost: it \(reason)."))
            } else if let rest, rest.until > .now {
                permit.signal()
                var error = rest.reason
                error.retryAfter = rest.until - .now
                throw error
            } else {
                startInBackground()
            }
        }
    }

    /// Starts a worker at the load, before anybody asks, where there is a place for one; else at the first request.
    ///
    /// - Throws: `failedPrecondition` if it does not start.
    func begin() throws(MartletError) {
        if pool.take(idleSince: .now - .seconds(Self.busySeconds)) { try start() }
        permit.signal()
    }

    /// Gives up its worker, if it has one that answers nobody now; its place in the pool is the caller's then.
    func park() -> Bool {
        guard permit.wait(timeout: .now()) == .success else { return false }
        let worker = state.withLock { state in
            defer { state.worker = nil }
            return state.worker
        }
        worker?.end()
        permit.signal()
        return worker != nil
    }

    /// Ends its worker, whatever it is at.
    func end() { state.withLock { $0.worker }?.end() }

    // MARK: what only the holder of the permit may do

    /// Starts another worker, or lets some time pass before; gives the permit back.
    private func lose(_ worker: WorkerProcess, _ reason: MartletError) {
        worker.end()
        pool.give()
        state.withLock { $0.worker = nil }
        logger.warning("a python worker was lost", metadata: ["reason": "\(reason.message)"])
        if countLoss(reason) { permit.signal() } else { startInBackground() }
    }

    /// - Returns: whether no worker is to be started now.
    private func countLoss(_ reason: MartletError) -> Bool {
        state.withLock { state in
            state.losses += 1
            guard state.losses > 1 else { return false }
            let seconds = min(Self.restSecondsMax, Double(1 << min(state.losses - 2, 10)))
            state.rest = (.now + .seconds(seconds), Self.resting(reason))
            return true
        }
    }

    private static func resting(_ reason: MartletError) -> MartletError {
        MartletError(
            .unavailable, "The model's Python worker is started again after a rest. \(reason.message)", cause: reason)
    }

    /// On a thread of its own: a worker may take longer to start than a request may wait. It gives the permit back.
    private func startInBackground() {
        Thread.detachNewThread {
            if self.pool.take(idleSince: .now) {
                do throws(MartletError) { try self.start() } catch {
                    self.logger.error(
                        "a python worker could not be started again", metadata: ["reason": "\(error.message)"])
                    // A start that fails is no better at once.
                    self.state.withLock { $0.losses = max($0.losses, 1) }
                    _ = self.countLoss(error)
                }
            } else {
                let reason = MartletError(
                    .unavailable,
                    "All \(self.pool.workersMax) Python workers are answering (python-workers). Try again.")
                self.state.withLock { $0.rest = (.now + .seconds(1), reason) }
            }
            self.permit.signal()
        }
    }

    /// With a place from the pool, which is given back if it does not start.
    private func start() throws(MartletError) {
        do throws(MartletError) {
            let (worker, hello) = try launcher.start(
                document.files.map { (file: $0, localPath: folder + "/" + $0.path) })
            guard hello.inputs == document.inputs, hello.outputs == document.outputs else {
                throw MartletError.precondition(
                    "It takes or gives other tensors than when it was registered, with \(document.runtime); now there is \(hello.runtime). Register it anew."
                )
            }
            state.withLock { state in
                state.worker = worker
                state.runtime = PythonRuntime.identity(hello)
                state.rest = nil
                state.lastUse = .now
            }
        } catch {
            pool.give()
            throw error
        }
    }
}
