internal import Domain
internal import Synchronization

/// The data keys of this server, unwrapped, in memory: one for what is written now, the others for what was written before.
public final class DataKeyRing: Sendable {
    private struct State {
        var current: DataKey
        var all: [DataKey.ID: DataKey]
    }

    private let state: Mutex<State>

    init(current: DataKey, others: [DataKey]) {
        let all = Dictionary((others + [current]).map { ($0.id, $0) }) { $1 }
        state = Mutex(State(current: current, all: all))
    }

    var current: DataKey { state.withLock { $0.current } }

    /// - Throws: `failedPrecondition` for a key that the database has not.
    func key(_ id: DataKey.ID) throws -> DataKey {
        if let key = state.withLock({ $0.all[id] }) { return key }
        throw MartletError.precondition(
            "The data key \(id.text) is not in the database: it was written by another server, or after the backup that this database was restored from."
        )
    }

    /// Encrypts with another key from now on.
    func use(_ key: DataKey) {
        state.withLock { state in
            state.all[key.id] = key
            state.current = key
        }
    }

    func sealing() -> SealingStream { SealingStream(key: current) }
}
