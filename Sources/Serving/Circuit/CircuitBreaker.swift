internal import Domain
internal import Synchronization

/// The circuit breaker of one loaded version. Costs a look at one number while the version does not fail.
final class CircuitBreaker: Sendable {
    private let state = Mutex(CircuitState())
    private let isQuiet = Atomic<Bool>(true)

    /// Whether a request may reach the version.
    ///
    /// - Returns: whether it is a probe. Every admission must be ended.
    /// - Throws: `unavailable`, with `CircuitOpen` as its cause and the time until it is worth trying again.
    func admit(_ version: ModelVersionID, _ rule: CircuitBreakerRule) throws(MartletError) -> Bool {
        guard !isQuiet.load(ordering: .relaxed) else { return false }
        let admission = change { $0.admit(rule, at: .now) }
        guard case .refused(let duration) = admission else { return admission == .probe }
        var error = MartletError(
            .unavailable, "The version \(version) has failed too often and rests for a while.", cause: CircuitOpen())
        error.retryAfter = duration
        throw error
    }

    func end(_ outcome: CircuitState.Outcome, isProbe: Bool, _ rule: CircuitBreakerRule) {
        guard outcome == .failure || !isQuiet.load(ordering: .relaxed) else { return }
        change { $0.end(outcome, isProbe: isProbe, rule, at: .now) }
    }

    private func change<Value: Sendable>(_ body: (inout CircuitState) -> Value) -> Value {
        state.withLock { state in
            let value = body(&state)
            isQuiet.store(state.isQuiet, ordering: .relaxed)
            return value
        }
    }

    var statistics: CircuitStatistics {
        let (state, now) = (state.withLock { $0 }, ContinuousClock.now)
        let phase: CircuitStatistics.State =
            switch state.phase {
            case .closed: .closed
            // The next request is a probe.
            case .open(let until): now < until ? .open : .halfOpen
            case .halfOpen: .halfOpen
            }
        return CircuitStatistics(state: phase, opened: state.opened, refused: state.refused)
    }
}

/// Marks a request that did not reach its version.
struct CircuitOpen: Error {}

extension Call {
    private static let defaultRule = CircuitBreakerRule()

    private var circuitRule: CircuitBreakerRule { endpoint?.circuitBreaker ?? Self.defaultRule }

    /// Whether the version may be asked.
    ///
    /// - Throws: as `CircuitBreaker`.
    func admitByCircuit() throws(MartletError) -> CircuitPass {
        CircuitPass(isProbe: try model.circuit.admit(model.version.id, circuitRule))
    }

    func endCircuit(_ pass: CircuitPass) { model.circuit.end(.success, isProbe: pass.isProbe, circuitRule) }

    /// - Parameter error: why the run has no answer.
    func endCircuit(_ pass: CircuitPass, after error: any Error) {
        let code = (error as? MartletError)?.code
        // Whoever goes away, or gives no time, says nothing of the version.
        let isCallers = (error as? MartletError)?.isCallersDeadline ?? false || Task.isCancelled
        // A run is not available whose worker has gone.
        let isFailure = code == .internal || code == .unavailable || (code == .deadlineExceeded && !isCallers)
        model.circuit.end(isFailure ? .failure : .neither, isProbe: pass.isProbe, circuitRule)
    }
}

/// That a request may reach its version.
struct CircuitPass: Sendable {
    let isProbe: Bool
}
