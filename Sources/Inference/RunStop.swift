internal import Domain
internal import Synchronization

/// Ends one run of a model from another thread: by whoever watches the time, or when the caller goes away.
public final class RunStop: Sendable {
    private struct State {
        var isStopped = false
        /// How the runtime is told; nil while nothing runs.
        var tell: (@Sendable () -> Void)?
    }
    private let state = Mutex(State())

    public init() {}

    public var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Stops the run, now or as soon as it begins. Stopping twice is the same as once.
    public func stop() {
        state.withLock { state in
            state.isStopped = true
            state.tell?()
        }
    }

    /// Runs `body`; `tell` is called at most while it runs, and before it if the stop came earlier.
    func during<Value>(
        tell: @escaping @Sendable () -> Void, _ body: () throws(MartletError) -> Value
    ) throws(MartletError) -> Value {
        state.withLock { state in
            state.tell = tell
            if state.isStopped { tell() }
        }
        defer { state.withLock { $0.tell = nil } }
        return try body()
    }
}
