public import Domain
internal import Synchronization

/// A clock that stands still until told to move.
public final class ManualClock: WallClock {
    private let time: Mutex<Timestamp>

    /// Starts at 2026-01-01T00:00:00Z unless told otherwise.
    public init(_ start: Timestamp = Timestamp(milliseconds: 1_767_225_600_000)) {
        time = Mutex(start)
    }

    public func now() -> Timestamp { time.withLock { $0 } }

    public func advance(seconds: Double) {
        time.withLock { $0 = $0.adding(seconds: seconds) }
    }
}
