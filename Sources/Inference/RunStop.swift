public import Domain
internal import Synchronization

/// Ends one run of a model from another thread: by whoever watches the time, or when the caller goes away.
public final class RunStop: Sendable {
    private struct State {
        var isStopped = false
        /// How the runtime is told; nil while nothing runs.
        var tell: (@Sendable () -> Void)?
    }
    /// For runs that nobody stops.
    public static let never = RunStop(isUsable: false)

    /// Whether anybody may stop the run: else the runtime need not listen.
    let isUsable: Bool
    private let state = Mutex(State())

    public init() { isUsable = true }

    private init(isUsable: Bool) { self.isUsable = isUsable }

    public var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Stops the run, now or as soon as it begins. Stopping twice is the same as once.
    public func stop() {
        precondition(isUsable, "A run that nobody stops was to be stopped.")
        state.withLock { state in
            state.isStopped = true
            state.tell?()
        }
    }

    /// Runs `body`; `tell` is called at most while it runs, and before it if the stop came earlier.
    public func during<Value>(
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
