/// Where alerts and the evidence of verdicts are kept (registry.db).
public protocol AlertStore: Sendable {
    /// Newest first.
    ///
    /// - Parameters:
    ///   - endpoint: nil is all.
    ///   - state: nil is all.
    ///   - before: only ids below this, for paging; nil is from the newest.
    ///   - limit: 1…1,000.
    func alerts(endpoint: String?, state: Alert.State?, before: Int64?, limit: Int) async throws -> [Alert]
    /// Pending and firing alerts of all endpoints.
    func openAlerts() async throws -> [Alert]
    /// Stores the verdicts of one window and the alerts that they changed, in one transaction. An alert with id 0 is new.
    ///
    /// - Returns: the alerts as stored, with their ids.
    func record(verdicts: [MonitorVerdict], alerts: [Alert]) async throws -> [Alert]
    /// Broken verdicts of an endpoint whose window ends at `from` or later, newest first.
    func brokenVerdicts(endpoint: String, from: Timestamp, limit: Int) async throws -> [MonitorVerdict]
    /// Removes verdicts of windows that ended before, and says how many went. Alerts are kept.
    func pruneVerdicts(before: Timestamp) async throws -> Int
}
