internal import Domain
internal import Storage
internal import Synchronization

/// The turn of one backup. It ends, and its copies of the databases go, when it is told to or forgotten.
final class BackupTurn: Sendable {
    /// Whether a backup is being made.
    final class Flag: Sendable {
        fileprivate let isTaken = Mutex(false)
    }
    private struct State {
        var plan: BackupPlan?
        var isOver = false
    }
    private let flag: Flag
    private let state = Mutex(State())

    /// - Throws: `failedPrecondition` if another backup has the turn.
    init(_ flag: Flag) throws(MartletError) {
        let wasTaken = flag.isTaken.withLock { isTaken in
            defer { isTaken = true }
            return isTaken
        }
        self.flag = flag
        guard wasTaken else { return }
        state.withLock { $0.isOver = true }
        throw .precondition("A backup is being made already.")
    }

    /// Owns the plan from now on.
    func take(_ plan: BackupPlan) {
        state.withLock { $0.plan = plan }
    }

    func end() {
        let (plan, isFirst) = state.withLock { state in
            defer {
                state.plan = nil
                state.isOver = true
            }
            return (state.plan, !state.isOver)
        }
        guard isFirst else { return }
        plan?.discard()
        flag.isTaken.withLock { $0 = false }
    }

    deinit { end() }
}
