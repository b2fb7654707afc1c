import Domain
import Testing

@testable import Serving

@Suite("The circuit breaker's state")
struct CircuitStateTests {
    private let start = ContinuousClock.now
    private var rule: CircuitBreakerRule {
        var rule = CircuitBreakerRule()
        rule.consecutiveFailures = 3
        rule.requestsAtLeast = 10
        rule.probes = 2
        return rule
    }

    private func run(
        _ state: inout CircuitState, _ outcome: CircuitState.Outcome, at seconds: Double = 0,
        _ rule: CircuitBreakerRule? = nil
    ) -> CircuitState.Admission {
        let rule = rule ?? self.rule
        let admission = state.admit(rule, at: start + .seconds(seconds))
        if case .refused = admission { return admission }
        state.end(outcome, isProbe: admission == .probe, rule, at: start + .seconds(seconds))
        return admission
    }

    @Test("failures in a row open it; a success between them does not; refusals count for neither")
    func consecutive() {
        var state = CircuitState()
        for outcome in [CircuitState.Outcome.failure, .failure, .success, .failure, .neither, .failure] {
            #expect(run(&state, outcome) == .pass)
        }
        #expect(run(&state, .failure) == .pass)
        #expect(run(&state, .success) == .refused(for: .seconds(5)))
        #expect(state.opened == 1 && state.refused == 1)
    }

    @Test("a share of failures opens it once there are enough runs; a window that is over counts no more")
    func share() {
        var state = CircuitState()
        for index in 0..<9 { #expect(run(&state, index.isMultiple(of: 2) ? .failure : .success) == .pass) }
        // The window of 30 s is over: the count begins anew.
        #expect(run(&state, .failure, at: 31) == .pass)
        for index in 0..<8 { #expect(run(&state, index.isMultiple(of: 2) ? .success : .failure, at: 32) == .pass) }
        #expect(run(&state, .failure, at: 33) == .pass)
        #expect(run(&state, .success, at: 33) == .refused(for: .seconds(5)))
    }

    @Test("after a while one request at a time probes; enough successes close it")
    func recovers() {
        var state = CircuitState()
        for _ in 0..<3 { _ = run(&state, .failure) }
        #expect(run(&state, .success, at: 4.9) == .refused(for: .seconds(5) - .seconds(4.9)))
        #expect(state.admit(rule, at: start + .seconds(5)) == .probe)
        #expect(state.admit(rule, at: start + .seconds(5)) == .refused(for: .seconds(5)))
        state.end(.success, isProbe: true, rule, at: start + .seconds(5))
        #expect(!state.isQuiet)
        #expect(run(&state, .success, at: 6) == .probe)
        #expect(run(&state, .success, at: 6) == .pass)
        #expect(state.isQuiet)
    }

    @Test("a probe that fails opens it anew; one that says nothing leaves the place to the next")
    func probes() {
        var state = CircuitState()
        for _ in 0..<3 { _ = run(&state, .failure) }
        #expect(run(&state, .neither, at: 5) == .probe)
        #expect(run(&state, .failure, at: 5) == .probe)
        #expect(run(&state, .success, at: 9) == .refused(for: .seconds(1)))
        #expect(state.opened == 2)
    }

    @Test("what was begun before it opened changes nothing")
    func stragglers() {
        var state = CircuitState()
        for _ in 0..<3 { _ = run(&state, .failure) }
        state.end(.success, isProbe: false, rule, at: start)
        state.end(.failure, isProbe: false, rule, at: start)
        #expect(state.opened == 1)
        #expect(state.admit(rule, at: start + .seconds(5)) == .probe)
        state.end(.failure, isProbe: false, rule, at: start + .seconds(5))
        #expect(state.opened == 1)
    }

    @Test("where the policy turns it off, it closes")
    func off() {
        var off = rule
        off.isEnabled = false
        var state = CircuitState()
        for _ in 0..<3 { _ = run(&state, .failure) }
        for _ in 0..<20 { #expect(run(&state, .failure, off) == .pass) }
        #expect(state.isQuiet)
    }
}
