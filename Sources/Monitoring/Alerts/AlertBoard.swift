import Domain

/// All open alerts, and what the verdicts of a window do to them. A value without clock or store.
struct AlertBoard: Sendable {
    struct Key: Hashable, Sendable {
        var endpoint: String
        var kind: Alert.Kind
        var subject: String
    }

    /// Open alerts of one endpoint: beyond it new ones are not raised, since nobody reads the thousandth.
    static let openMax = 1_000

    private var trackers: [Key: AlertTracker] = [:]

    init(open alerts: [Alert] = []) {
        for alert in alerts { trackers[Self.key(alert)] = AlertTracker(stored: alert) }
    }

    var open: [Alert] { trackers.values.map(\.alert) }

    /// - Returns: what changed, in the order of the verdicts.
    mutating func take(
        _ verdicts: [MonitorVerdict], windowsToFire: Int, now: Timestamp
    ) -> [(alert: Alert, change: AlertTracker.Change)] {
        var changes: [(Alert, AlertTracker.Change)] = []
        for verdict in verdicts {
            let key = Key(endpoint: verdict.endpoint, kind: verdict.kind, subject: verdict.subject)
            if var tracker = trackers[key], tracker.alert.version == verdict.version {
                if let change = tracker.take(verdict, windowsToFire: windowsToFire, now: now) {
                    changes.append((tracker.alert, change))
                }
                trackers[key] = tracker.alert.state == .resolved ? nil : tracker
            } else if verdict.isBroken, trackers.count < Self.openMax {
                let tracker = AlertTracker(verdict, windowsToFire: windowsToFire, now: now)
                trackers[key] = tracker
                changes.append((tracker.alert, tracker.firstChange))
            }
        }
        return changes
    }

    /// Ends the alerts of versions that are no longer their endpoint's champion.
    mutating func endAll(
        endpoint: String, exceptVersion champion: Int?, now: Timestamp
    ) -> [(alert: Alert, change: AlertTracker.Change)] {
        var changes: [(Alert, AlertTracker.Change)] = []
        for (key, tracker) in trackers where key.endpoint == endpoint && tracker.alert.version != champion {
            var tracker = tracker
            let reason = "Version \(tracker.alert.version) is no longer the champion. Before: \(tracker.alert.detail)"
            if let change = tracker.end(reason, now: now) { changes.append((tracker.alert, change)) }
            trackers[key] = nil
        }
        return changes
    }

    /// Gives a new alert the id that the store chose.
    mutating func number(_ alert: Alert) { trackers[Self.key(alert)]?.number(alert.id) }

    private static func key(_ alert: Alert) -> Key {
        Key(endpoint: alert.endpoint, kind: alert.kind, subject: alert.subject)
    }
}
