internal import Domain
internal import Inference
internal import Synchronization

/// One run of a model, waiting or under way.
final class ModelRun: Sendable {
    private struct State {
        var begun: ContinuousClock.Instant?
        var isSlow = false
    }
    let place: RunPlace
    /// When it began to wait.
    let asked = ContinuousClock.now
    /// What it brings to a run that it may share; nil for a run of its own.
    let part: SharedPart?
    let deadline: ContinuousClock.Instant
    /// What the caller is told at the deadline.
    let lateness: MartletError
    let stop = RunStop()
    /// Gives the caller an error, unless it has its answer.
    let fail: @Sendable (MartletError) -> Void
    private let work: @Sendable (RunStop) -> Void
    private let isAnswered: @Sendable () -> Bool
    private let state = Mutex(State())

    init(
        _ place: RunPlace, deadline: ContinuousClock.Instant, lateness: MartletError, part: SharedPart? = nil,
        work: @escaping @Sendable (RunStop) -> Void,
        fail: @escaping @Sendable (MartletError) -> Void, isAnswered: @escaping @Sendable () -> Bool = { false }
    ) {
        self.place = place
        self.part = part
        self.deadline = deadline
        self.lateness = lateness
        self.work = work
        self.fail = fail
        self.isAnswered = isAnswered
    }

    /// Whether the model has answered, so that its thread is about to be free: whoever has that answer may ask again at once.
    var isOver: Bool { isAnswered() && !stop.isStopped }

    var isRanked: Bool { place.rank != InferenceRequest.defaultPriority }

    /// Whether another thread has taken the place of its own.
    var isSlow: Bool {
        get { state.withLock { $0.isSlow } }
        set { state.withLock { $0.isSlow = newValue } }
    }

    func begin() { state.withLock { $0.begun = .now } }

    func hasRun(longerThan duration: Duration, at now: ContinuousClock.Instant) -> Bool {
        state.withLock { $0.begun.map { now - $0 > duration } ?? false }
    }

    /// Whoever stopped it has answered for it already.
    func perform() {
        if !stop.isStopped { work(stop) }
    }
}

/// What a caller waits for: the first answer counts, be it the model's or the deadline's.
final class RunAnswer<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, any Error>)
        case early(Result<Value, MartletError>)
        case given
    }
    private let state = Mutex(State.open)

    func expect(_ continuation: CheckedContinuation<Value, any Error>) {
        let early = state.withLock { state -> Result<Value, MartletError>? in
            if case .early(let result) = state {
                state = .given
                return result
            }
            state = .awaited(continuation)
            return nil
        }
        if let early { continuation.resume(with: early) }
    }

    var isGiven: Bool {
        state.withLock { state in
            switch state {
            case .open, .awaited: false
            case .early, .given: true
            }
        }
    }

    func give(_ result: Result<Value, MartletError>) {
        let continuation = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            switch state {
            case .open: state = .early(result)
            case .awaited(let continuation):
                state = .given
                return continuation
            case .early, .given: break
            }
            return nil
        }
        continuation?.resume(with: result)
    }

    func give(_ work: @Sendable (RunStop) throws(MartletError) -> Value, _ stop: RunStop) {
        do { give(.success(try work(stop))) } catch { give(.failure(error)) }
    }
}
