internal import Lifecycle
internal import Storage

/// Retraining: what its routes and pages need, and what the service group runs.
struct RetrainingParts: Sendable {
    let store: RetrainingStore
    let service: RetrainingService
}
