/// One write that waits for its group, its result type erased.
struct WriteJob: Sendable {
    let queuedAt: ContinuousClock.Instant
    /// Runs the body; the closure that it returns hands the result over once the group is durable.
    let run: @Sendable (SQLConnection) throws -> @Sendable () -> Void
    let fail: @Sendable (any Error) -> Void
}
