import Domain

/// The life of one alert, as a value: `pending → firing → resolved`.
///
/// A monitor broken for `windowsToFire` windows in a row fires; whole for as many in a row, it is resolved, so that a value
/// at the edge does not ring with every window. One that is whole again before it fired is resolved without a word.
struct AlertTracker: Sendable, Hashable {
    /// What the world should be told.
    enum Change: Sendable, Hashable {
        /// Store it; nobody is told.
        case stored
        /// Store it and tell: it fires, or what fired is resolved.
        case announced
    }

    private(set) var alert: Alert
    /// Broken windows in a row; whole ones while it fires.
    private var streak: Int

    /// An alert for a monitor that was just found broken for the first time.
    init(_ verdict: MonitorVerdict, windowsToFire: Int, now: Timestamp) {
        alert = Alert(
            id: 0, endpoint: verdict.endpoint, version: verdict.version, kind: verdict.kind, subject: verdict.subject,
            state: windowsToFire <= 1 ? .firing : .pending, detail: verdict.detail, value: verdict.value,
            threshold: verdict.threshold, startedAt: now, updatedAt: now)
        streak = windowsToFire <= 1 ? 0 : 1
    }

    /// One found in the store after a restart: its streak begins anew.
    init(stored alert: Alert) {
        self.alert = alert
        streak = alert.state == .pending ? 1 : 0
    }

    /// Whether this is already known when it is made.
    var firstChange: Change { alert.state == .firing ? .announced : .stored }

    /// Takes the next window's verdict.
    mutating func take(_ verdict: MonitorVerdict, windowsToFire: Int, now: Timestamp) -> Change? {
        alert.updatedAt = now
        switch (alert.state, verdict.isBroken) {
        case (.pending, true):
            show(verdict)
            streak += 1
            guard streak >= windowsToFire else { return .stored }
            alert.state = .firing
            streak = 0
            return .announced
        case (.pending, false):
            resolve(verdict.detail, now: now)
            return .stored
        case (.firing, true):
            show(verdict)
            streak = 0
            return .stored
        case (.firing, false):
            streak += 1
            guard streak >= windowsToFire else { return .stored }
            show(verdict)
            resolve(verdict.detail, now: now)
            return .announced
        case (.resolved, _):
            return nil
        }
    }

    /// Ends it for a reason other than a window. What never fired ends without a word.
    mutating func end(_ reason: String, now: Timestamp) -> Change? {
        guard alert.state != .resolved else { return nil }
        let didFire = alert.state == .firing
        resolve(reason, now: now)
        return didFire ? .announced : .stored
    }

    /// The number that the store gave.
    mutating func number(_ id: Int64) { alert.id = id }

    private mutating func show(_ verdict: MonitorVerdict) {
        alert.detail = verdict.detail
        alert.value = verdict.value
        alert.threshold = verdict.threshold
    }

    private mutating func resolve(_ detail: String, now: Timestamp) {
        alert.state = .resolved
        alert.detail = detail
        alert.updatedAt = now
        alert.resolvedAt = now
    }
}
