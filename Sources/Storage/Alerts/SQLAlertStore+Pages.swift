public import Domain

/// Open alerts in pages and in numbers.
extension SQLAlertStore {
    /// Pending and firing alerts of all endpoints, newest first.
    ///
    /// - Parameters:
    ///   - before: only ids below it; nil begins at the newest.
    ///   - limit: 1…1,000.
    public func openAlerts(before: Int64?, limit: Int) async throws -> [Alert] {
        try await database.read { sql in
            try sql.rows(
                "SELECT * FROM alerts WHERE state IN ('pending', 'firing') AND id < $1 ORDER BY id DESC LIMIT $2",
                [.integer(before ?? .max), .integer(min(max(limit, 1), 1_000))]
            ).map(Self.alert)
        }
    }

    /// How many alerts are pending or firing, by endpoint; endpoints without any are not in it.
    public func openAlertCounts() async throws -> [String: Int] {
        let rows = try await database.read { sql in
            try sql.rows(
                """
                SELECT endpoint, COUNT(*) AS alerts FROM alerts WHERE state IN ('pending', 'firing') GROUP BY endpoint
                """
            ).map { (try $0.text("endpoint"), try $0.int("alerts")) }
        }
        return Dictionary(rows) { first, _ in first }
    }
}
