internal import Domain
internal import Synchronization

/// What was answered last for each business key, as far as the policy bounds how it may change. The key asked for longest ago gives way.
final class ChangeMemory: Sendable {
    /// Keys remembered at most, of all endpoints: at 64 values each, 7 MB.
    static let keysMax = 10_000
    /// Values of one output that are compared; answers with more are not.
    static let valuesMax = 64

    /// An endpoint and a business key, hashed with the process's own seed: nobody can choose two keys that meet.
    struct Key: Hashable, Sendable {
        private let hash: Int

        init(endpoint: Int64, businessKey: String) {
            var hasher = Hasher()
            hasher.combine(endpoint)
            hasher.combine(businessKey)
            hash = hasher.finalize()
        }
    }

    private struct Entry {
        var key: Key
        var values: [[Double]]
        /// Neighbours in the order of use; -1 is none.
        var newer = -1
        var older = -1
    }
    private struct State {
        var places: [Key: Int] = [:]
        var entries: [Entry] = []
        var newest = -1
        var oldest = -1

        mutating func unlink(_ place: Int) {
            let (newer, older) = (entries[place].newer, entries[place].older)
            if newer >= 0 { entries[newer].older = older } else { newest = older }
            if older >= 0 { entries[older].newer = newer } else { oldest = newer }
        }

        mutating func putFirst(_ place: Int) {
            (entries[place].newer, entries[place].older) = (-1, newest)
            if newest >= 0 { entries[newest].newer = place } else { oldest = place }
            newest = place
        }
    }
    private let state = Mutex(State())
    private let keysMax: Int

    init(keysMax: Int = ChangeMemory.keysMax) {
        self.keysMax = keysMax
    }

    /// One list an output bound; nil where nothing is remembered.
    func values(_ key: Key) -> [[Double]]? {
        state.withLock { state in
            guard let place = state.places[key] else { return nil }
            state.unlink(place)
            state.putFirst(place)
            // What was forgotten keeps its place.
            return state.entries[place].values.isEmpty ? nil : state.entries[place].values
        }
    }

    func remember(_ key: Key, _ values: [[Double]]) {
        state.withLock { state in
            if let place = state.places[key] {
                state.entries[place].values = values
                state.unlink(place)
                state.putFirst(place)
                return
            }
            guard state.entries.count >= keysMax else {
                state.entries.append(Entry(key: key, values: values))
                state.places[key] = state.entries.count - 1
                state.putFirst(state.entries.count - 1)
                return
            }
            let place = state.oldest
            state.unlink(place)
            state.places[state.entries[place].key] = nil
            state.entries[place] = Entry(key: key, values: values)
            state.places[key] = place
            state.putFirst(place)
        }
    }

    /// The next answer for the key is compared with none.
    func forget(_ key: Key) {
        state.withLock { state in
            if let place = state.places[key] { state.entries[place].values = [] }
        }
    }
}
