internal import Dispatch
internal import Domain
internal import Foundation
internal import Inference
internal import Synchronization

/// Runs models on threads of its own and ends each run at its deadline, so that no model, however slow, holds up what reads
/// requests, and none holds up the others.
///
/// A run that takes longer than `slowAfter` no longer counts as one of the `threads`: another thread takes its place. A model has at
/// most `threads` runs at a time, so that a slow one waits for itself. The caller has its answer at the deadline even if the
/// model is in a step that cannot be cut short; its thread ends when the step does.
final class ModelRunner: Sendable {
    struct Limits: Sendable {
        /// Runs at a time, slow ones apart, and runs of one model at a time.
        var threads: Int
        /// Runs of one model that wait; more are refused.
        var waitingMax: Int
        /// From the request until its run is ended.
        var seconds: Double
        /// Slow runs at a time, of all models: beyond, they count as others do. Bounds the threads.
        var slowMax = 32
        var slowAfter: Duration = .milliseconds(100)
        /// Whoever has waited for so long goes before all others, whatever their rank.
        var patience: Duration = .seconds(1)
    }

    /// How often deadlines are looked at while anything runs.
    private static let tick = 0.02
    /// A thread with nothing to do ends after this.
    private static let idleSeconds = 5.0

    private struct State {
        var waiting: [ModelRun] = []
        var running: [ModelRun] = []
        /// Runs that are computed together with one that is running.
        var joined: [ModelRun] = []
        /// Runs that have a thread and take others that fit, until they have gathered them.
        var gathering: [(model: String, part: SharedPart)] = []
        /// Threads that take work, and how many of them wait for some.
        var threads = 0
        var idle = 0
        /// Threads whose run is slow.
        var slow = 0
        var isWatched = false

        /// Runs that wait and whose rank is not everybody's: mostly none.
        var ranked = 0

        /// The first run whose model has not its share of threads already: of those that have not waited for long, the first of the
        /// smallest rank.
        mutating func take(_ limits: Limits) -> ModelRun? {
            func mayRun(_ run: ModelRun) -> Bool {
                // What would join a run that waits for more must not begin one of its own, or the two would wait for each other's rows.
                if let part = run.part, gathering.contains(where: { $0.model == run.place.model && $0.part.fits(part) })
                {
                    return false
                }
                return running.count { $0.place.key == run.place.key }
                    < min(limits.threads, run.place.concurrency ?? limits.threads)
            }
            guard var index = waiting.firstIndex(where: mayRun) else { return nil }
            if ranked > 0, .now - waiting[index].asked < limits.patience {
                for other in waiting.indices[(index + 1)...]
                where waiting[other].place.rank < waiting[index].place.rank && mayRun(waiting[other]) {
                    index = other
                }
            }
            let run = waiting.remove(at: index)
            if run.isRanked { ranked -= 1 }
            run.begin()
            running.append(run)
            // At once: another thread may ask for a run before this one begins.
            if let part = run.part { gathering.append((run.place.model, part)) }
            return run
        }

        func hasRoom(for run: ModelRun, _ limits: Limits) -> Bool {
            guard let waitingMax = run.place.waitingMax else {
                return waiting.count < limits.waitingMax
                    || waiting.count(where: { $0.place.key == run.place.key }) < limits.waitingMax
            }
            // What can run at once does not wait, though it goes by way of the queue.
            let share = min(limits.threads, run.place.concurrency ?? limits.threads)
            let present =
                waiting.count { $0.place.key == run.place.key }
                + running.count { $0.place.key == run.place.key && !$0.isOver }
            return present < share + waitingMax
        }
    }
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)
    private let limits: Limits

    init(_ limits: Limits) {
        self.limits = limits
    }

    /// Runs `work` on one of the threads.
    ///
    /// - Parameters:
    ///   - place: its key is what shares a place in the queue and a share of the threads.
    ///   - callers: the caller's own deadline, where it is earlier than that of the limits.
    /// - Throws: what `work` throws; `resourceExhausted` where too many runs of the model wait; `deadlineExceeded` at the deadline,
    ///   or when the task is cancelled.
    func run<Value: Sendable>(
        _ place: RunPlace, until callers: CallersDeadline? = nil,
        _ work: @escaping @Sendable (RunStop) throws(MartletError) -> Value
    ) async throws -> Value {
        let answer = RunAnswer<Value>()
        return try await wait(for: answer, until: callers) { deadline, lateness in
            ModelRun(
                place, deadline: deadline, lateness: lateness, work: { answer.give(work, $0) },
                fail: { answer.give(.failure($0)) }, isAnswered: { answer.isGiven })
        }
    }

    /// Queues a run and waits for its answer.
    ///
    /// - Parameter make: makes it, with its deadline and what its caller is told then.
    /// - Throws: as `run`.
    func wait<Value: Sendable>(
        for answer: RunAnswer<Value>, until callers: CallersDeadline?,
        _ make: (ContinuousClock.Instant, MartletError) -> ModelRun
    ) async throws -> Value {
        let latest = deadline
        let sooner = callers.flatMap { $0.instant < latest ? $0 : nil }
        let run = make(sooner?.instant ?? latest, sooner?.error ?? lateness)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                answer.expect(continuation)
                if !offer(run) {
                    run.fail(
                        MartletError(
                            .resourceExhausted,
                            "\(run.place.waitingMax ?? limits.waitingMax) requests of this model wait already. Try again later."
                        ))
                }
            }
        } onCancel: {
            end([run], MartletError(.deadlineExceeded, "The request ended before its prediction was made."))
        }
    }

    /// Queues work that nobody waits for; false if too many runs of the model wait, and then it is never run.
    func offer(_ model: String, _ work: @escaping @Sendable (RunStop) -> Void) -> Bool {
        offer(ModelRun(RunPlace(model: model), deadline: deadline, lateness: lateness, work: work, fail: { _ in }))
    }

    /// Runs that wait, of all models.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    private var deadline: ContinuousClock.Instant { .now + .seconds(limits.seconds) }

    private var lateness: MartletError {
        MartletError(
            .deadlineExceeded,
            "The model had no answer within \(limits.seconds) s, which is as long as one prediction may take.")
    }

    private func offer(_ run: ModelRun) -> Bool {
        enum Next { case refuse, wait, wake, start }
        let (next, isUnwatched) = state.withLock { state -> (Next, Bool) in
            guard state.hasRoom(for: run, limits) else { return (.refuse, false) }
            state.waiting.append(run)
            if run.isRanked { state.ranked += 1 }
            let isUnwatched = !state.isWatched
            state.isWatched = true
            return (summon(&state) ? .start : state.idle > 0 ? .wake : .wait, isUnwatched)
        }
        if isUnwatched { Thread.detachNewThread { self.watch() } }
        switch next {
        case .refuse: return false
        case .wait: break
        case .wake: wake.signal()
        case .start: Thread.detachNewThread { self.work() }
        }
        return true
    }

    /// Whether a thread must be started for what waits; counts it if so.
    private func summon(_ state: inout State) -> Bool {
        guard state.idle == 0, state.threads < limits.threads, !state.waiting.isEmpty else { return false }
        state.threads += 1
        return true
    }

    // MARK: the threads that run

    private func work() {
        while true {
            let run = state.withLock { state -> ModelRun? in
                let run = state.take(limits)
                if run == nil { state.idle += 1 }
                return run
            }
            if let run {
                run.perform()
                guard finish(run) else { return }
                continue
            }
            let isWoken = wake.wait(timeout: .now() + Self.idleSeconds) == .success
            let goesOn = state.withLock { state in
                state.idle -= 1
                // What came after the time was up has counted on this thread.
                if isWoken || !state.waiting.isEmpty { return true }
                state.threads -= 1
                return false
            }
            guard goesOn else { return }
        }
    }

    /// Returns whether its thread goes on: not where another has taken its place.
    private func finish(_ run: ModelRun) -> Bool {
        let (goesOn, isWork) = state.withLock { state in
            state.running.removeAll { $0 === run }
            // Where it was stopped before it began.
            state.gathering.removeAll { $0.part === run.part }
            guard run.isSlow else { return (true, false) }
            state.slow -= 1
            guard state.threads < limits.threads else { return (false, !state.waiting.isEmpty) }
            state.threads += 1
            return (true, false)
        }
        // A run of the same model may have waited for this one.
        if isWork { wake.signal() }
        return goesOn
    }

    // MARK: runs that are computed with another

    /// Lets runs that fit wait for this one no longer.
    func endGathering(_ part: SharedPart) {
        let (wakes, starts) = state.withLock { state in
            state.gathering.removeAll { $0.part === part }
            // What was not taken may begin now.
            return (state.idle > 0 && !state.waiting.isEmpty, summon(&state))
        }
        if wakes { wake.signal() }
        if starts { Thread.detachNewThread { self.work() } }
    }

    /// Takes runs of the model that wait and whose part is accepted, in the order in which they came.
    func join(_ model: String, _ accepts: (SharedPart) -> Bool) -> [ModelRun] {
        state.withLock { state in
            var taken: [ModelRun] = []
            state.waiting.removeAll { run in
                guard run.place.model == model, let part = run.part, accepts(part) else { return false }
                run.begin()
                taken.append(run)
                return true
            }
            state.joined += taken
            state.ranked -= taken.count { $0.isRanked }
            return taken
        }
    }

    /// Ends the watch over runs that have joined another.
    func leave(_ runs: [ModelRun]) {
        guard !runs.isEmpty else { return }
        state.withLock { state in state.joined.removeAll { run in runs.contains { $0 === run } } }
    }

    // MARK: the thread that watches

    private func watch() {
        var quiet = 0.0
        while true {
            Thread.sleep(forTimeInterval: Self.tick)
            let now = ContinuousClock.now
            let (late, started) = state.withLock { state -> ([ModelRun], Int) in
                for run in state.running where !run.isSlow && state.slow < limits.slowMax {
                    guard run.hasRun(longerThan: limits.slowAfter, at: now) else { continue }
                    run.isSlow = true
                    state.slow += 1
                    state.threads -= 1
                }
                var started = 0
                while summon(&state) { started += 1 }
                let late = (state.running + state.joined + state.waiting).filter { $0.deadline <= now }
                quiet = state.running.isEmpty && state.waiting.isEmpty ? quiet + Self.tick : 0
                if quiet > Self.idleSeconds { state.isWatched = false }
                return (late, started)
            }
            for _ in 0..<started { Thread.detachNewThread { self.work() } }
            end(late)
            if quiet > Self.idleSeconds { return }
        }
    }

    /// Answers for the runs, stops those that have begun and forgets those that have not.
    ///
    /// - Parameter error: why; nil is that they are late.
    private func end(_ runs: [ModelRun], _ error: MartletError? = nil) {
        guard !runs.isEmpty else { return }
        state.withLock { state in
            state.waiting.removeAll { run in runs.contains { $0 === run } }
            state.ranked = state.waiting.count { $0.isRanked }
        }
        for run in runs {
            run.fail(error ?? run.lateness)
            run.stop.stop()
        }
    }
}
