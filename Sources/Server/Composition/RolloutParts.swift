internal import Lifecycle
internal import Storage

/// What the routes of endpoints and rollouts need, and what the service group runs.
struct RolloutParts: Sendable {
    let store: RolloutStore
    let publisher: SnapshotPublisher
    let controller: RolloutController
}
