internal import Domain
internal import Synchronization

/// Remembers which Python models could not be started, since each try may take minutes, in which nothing else changes.
final class SlowFailures: Sendable {
    /// Then it is tried again with the next change of what is served.
    private static let memory = Duration.seconds(600)

    private struct Entry: Sendable {
        let version: ServableVersion
        let failure: MartletError
        let end: ContinuousClock.Instant
    }
    private let entries = Mutex<[ModelVersionID: Entry]>([:])

    /// nil where it did not fail lately, or what is to be loaded is another.
    func failure(of version: ServableVersion) -> MartletError? {
        entries.withLock { entries in
            guard let entry = entries[version.id], entry.version == version, entry.end > .now else { return nil }
            return entry.failure
        }
    }

    func keep(_ failure: MartletError, of version: ServableVersion) {
        guard version.runtime == .python else { return }
        entries.withLock { entries in
            entries = entries.filter { $0.value.end > .now }
            entries[version.id] = Entry(version: version, failure: failure, end: .now + Self.memory)
        }
    }
}
