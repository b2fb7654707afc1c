internal import Domain

/// A bucket of requests that fills with time (RFC 2697's meter with one colour): a value, without a clock.
struct TokenBucket: Sendable {
    private var tokens: Double
    private var updated: ContinuousClock.Instant

    /// A full one, whatever it holds.
    init(at now: ContinuousClock.Instant) {
        tokens = .infinity
        updated = now
    }

    /// Takes one request.
    ///
    /// - Returns: nil if there was one; else how long it takes until there is. Nothing is taken then.
    mutating func take(_ limits: RequestLimits, at now: ContinuousClock.Instant) -> Duration? {
        guard let rate = limits.requestsPerSecond else { return nil }
        let elapsed = Double((now - updated).nanoseconds) / 1e9
        // The limits may have changed since.
        tokens = min(limits.capacity, tokens + max(0, elapsed) * rate)
        updated = now
        guard tokens >= 1 else { return .seconds((1 - tokens) / rate) }
        tokens -= 1
        return nil
    }
}
