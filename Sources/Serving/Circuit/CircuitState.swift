internal import Domain

/// How a version has fared lately, and whether it is asked: a value whose events return what to do.
struct CircuitState: Sendable {
    enum Phase: Sendable {
        /// All requests reach the version.
        case closed(Window?)
        /// None does.
        case open(until: ContinuousClock.Instant)
        /// One at a time does, to see whether it has recovered.
        case halfOpen(successes: Int, isProbing: Bool)
    }

    /// What was counted since a failure.
    struct Window: Sendable {
        var began: ContinuousClock.Instant
        var runs = 0
        var failures = 0
    }

    enum Admission: Sendable, Hashable {
        case pass
        /// Whose end decides on the phase. It must be ended, whatever becomes of it.
        case probe
        case refused(for: Duration)
    }

    enum Outcome: Sendable {
        case success, failure
        /// It says nothing of the version: never begun, or the caller's fault.
        case neither
    }

    private(set) var phase = Phase.closed(nil)
    private var consecutive = 0
    /// Times that it opened.
    private(set) var opened = 0
    private(set) var refused = 0

    /// Whether a success would change nothing and a request is not looked at.
    var isQuiet: Bool {
        if case .closed(nil) = phase { return consecutive == 0 }
        return false
    }

    mutating func admit(_ rule: CircuitBreakerRule, at now: ContinuousClock.Instant) -> Admission {
        guard rule.isEnabled else {
            phase = .closed(nil)
            consecutive = 0
            return .pass
        }
        switch phase {
        case .closed: return .pass
        case .open(let until) where now < until:
            refused += 1
            return .refused(for: until - now)
        case .open:
            phase = .halfOpen(successes: 0, isProbing: true)
            return .probe
        case .halfOpen(let successes, isProbing: false):
            phase = .halfOpen(successes: successes, isProbing: true)
            return .probe
        case .halfOpen:
            refused += 1
            return .refused(for: .seconds(rule.openSeconds))
        }
    }

    /// - Parameter isProbe: whether it was admitted as one.
    mutating func end(_ outcome: Outcome, isProbe: Bool, _ rule: CircuitBreakerRule, at now: ContinuousClock.Instant) {
        guard rule.isEnabled else { return }
        switch phase {
        case .closed(let window) where !isProbe: count(outcome, window, rule, now)
        case .halfOpen(let successes, _) where isProbe: endProbe(outcome, successes, rule, now)
        // It was begun before the phase changed, which it does not change again.
        case .closed, .open, .halfOpen: break
        }
    }

    private mutating func count(
        _ outcome: Outcome, _ before: Window?, _ rule: CircuitBreakerRule, _ now: ContinuousClock.Instant
    ) {
        guard outcome != .neither else { return }
        let isFailure = outcome == .failure
        consecutive = isFailure ? consecutive + 1 : 0
        var window = before.flatMap { now - $0.began < .seconds(rule.windowSeconds) ? $0 : nil }
        if window == nil, isFailure { window = Window(began: now) }
        window?.runs += 1
        if isFailure { window?.failures += 1 }
        phase = .closed(window)
        guard isFailure, let window else { return }
        let isShareBroken =
            rule.failureShare.map {
                window.runs >= rule.requestsAtLeast && Double(window.failures) >= $0 * Double(window.runs)
            } ?? false
        if consecutive >= rule.consecutiveFailures || isShareBroken { open(rule, now) }
    }

    private mutating func endProbe(
        _ outcome: Outcome, _ successes: Int, _ rule: CircuitBreakerRule, _ now: ContinuousClock.Instant
    ) {
        switch outcome {
        case .success where successes + 1 >= rule.probes:
            phase = .closed(nil)
            consecutive = 0
        case .success: phase = .halfOpen(successes: successes + 1, isProbing: false)
        case .failure: open(rule, now)
        case .neither: phase = .halfOpen(successes: successes, isProbing: false)
        }
    }

    private mutating func open(_ rule: CircuitBreakerRule, _ now: ContinuousClock.Instant) {
        phase = .open(until: now + .seconds(rule.openSeconds))
        consecutive = 0
        opened += 1
    }
}
