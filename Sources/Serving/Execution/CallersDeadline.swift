internal import Domain

/// When a caller stops waiting, where it said so.
struct CallersDeadline: Sendable {
    let timeout: Duration
    let instant: ContinuousClock.Instant

    /// What a call is told that has no answer by then.
    var error: MartletError {
        MartletError(
            .deadlineExceeded,
            "There was no answer within \(timeout.nanoseconds / 1000) µs, the request's own timeout.",
            cause: Impatience())
    }

    /// Marks that it was the caller's time that was up, not the model's.
    struct Impatience: Error {}

    /// From here on it is the model that is slow, however long the caller would have waited.
    static let patienceMin = Duration.milliseconds(100)
}

extension MartletError {
    var isCallersDeadline: Bool { cause is CallersDeadline.Impatience }

    /// Whether the caller gave the model no fair time: it must not be able to make a version's failures.
    func isImpatience(after duration: Duration) -> Bool {
        isCallersDeadline && duration < CallersDeadline.patienceMin
    }
}
