internal import Synchronization

/// Gives each guest a user of its own for as long as it runs, where the server is root.
final class GuestUserIDs: Sendable {
    /// The range that systemd keeps for dynamic users, so that no account has them.
    static let range: ClosedRange<UInt32> = 61184...65519

    private let state = Mutex<(next: UInt32, taken: Set<UInt32>)>((range.lowerBound, []))

    /// Ids go round, so that what one guest has left behind is not soon another's. There are far more of them than guests.
    func take() -> UInt32 {
        state.withLock { state in
            while true {
                let id = state.next
                state.next = id == Self.range.upperBound ? Self.range.lowerBound : id + 1
                if state.taken.insert(id).inserted { return id }
            }
        }
    }

    func give(back id: UInt32) { state.withLock { _ = $0.taken.remove(id) } }
}
