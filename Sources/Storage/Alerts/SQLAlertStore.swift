public import Domain

/// Alerts and the evidence of broken monitors in registry.db.
public struct SQLAlertStore: AlertStore {
    /// Open alerts read at a start.
    static let openMax = 10_000

    let database: Database

    public init(database: Database) {
        self.database = database
    }

    public func alerts(endpoint: String?, state: Alert.State?, before: Int64?, limit: Int) async throws -> [Alert] {
        try await database.read { sql in
            try sql.rows(
                """
                SELECT id, endpoint, version, kind, subject, state, detail, value, threshold, started_at, updated_at,
                    resolved_at
                FROM alerts
                WHERE (endpoint = $1 OR $1 = '') AND (state = $2 OR $2 = '') AND id < $3
                ORDER BY id DESC LIMIT $4
                """,
                [
                    .text(endpoint ?? ""), .text(state?.rawValue ?? ""), .integer(before ?? .max),
                    .integer(min(max(limit, 1), 1_000)),
                ]
            ).map(Self.alert)
        }
    }

    public func openAlerts() async throws -> [Alert] {
        try await database.read { sql in
            try sql.rows(
                """
                SELECT id, endpoint, version, kind, subject, state, detail, value, threshold, started_at, updated_at,
                    resolved_at
                FROM alerts WHERE state IN ('pending', 'firing') ORDER BY id DESC LIMIT $1
                """, [.integer(Self.openMax)]
            ).map(Self.alert)
        }
    }

    public func record(verdicts: [MonitorVerdict], alerts: [Alert]) async throws -> [Alert] {
        let documents = try verdicts.map { ($0, try JSONDocument.text($0)) }
        return try await database.write { sql in
            for (verdict, document) in documents {
                try sql.execute(
                    """
                    INSERT INTO verdicts (endpoint, version, kind, subject, window_end, document)
                    VALUES ($1, $2, $3, $4, $5, $6)
                    """,
                    [
                        .text(verdict.endpoint), .integer(verdict.version), .text(verdict.kind.rawValue),
                        .text(verdict.subject), .integer(verdict.windowEnd.milliseconds), .text(document),
                    ])
            }
            return try alerts.map { try Self.save($0, sql) }
        }
    }

    public func brokenVerdicts(endpoint: String, from: Timestamp, limit: Int) async throws -> [MonitorVerdict] {
        let documents = try await database.read { sql in
            try sql.rows(
                """
                SELECT document FROM verdicts WHERE endpoint = $1 AND window_end >= $2 ORDER BY window_end DESC LIMIT $3
                """, [.text(endpoint), .integer(from.milliseconds), .integer(limit)]
            ).map { try $0.text("document") }
        }
        return try documents.map { try JSONDocument.value(MonitorVerdict.self, $0) }
    }

    public func pruneVerdicts(before: Timestamp) async throws -> Int {
        try await database.write { sql in
            try sql.execute("DELETE FROM verdicts WHERE window_end < $1", [.integer(before.milliseconds)])
        }
    }

    private static func save(_ alert: Alert, _ sql: SQLConnection) throws -> Alert {
        var alert = alert
        if alert.id == 0 {
            // The one writer's transaction: nobody else takes the same number.
            alert.id = try sql.row("SELECT COALESCE(MAX(id), 0) + 1 AS id FROM alerts")?.integer("id") ?? 1
        }
        try sql.execute(
            """
            INSERT INTO alerts (id, endpoint, version, kind, subject, state, detail, value, threshold, started_at,
                updated_at, resolved_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            ON CONFLICT (id) DO UPDATE SET state = excluded.state, detail = excluded.detail, value = excluded.value,
                threshold = excluded.threshold, updated_at = excluded.updated_at, resolved_at = excluded.resolved_at
            """,
            [
                .integer(alert.id), .text(alert.endpoint), .integer(alert.version), .text(alert.kind.rawValue),
                .text(alert.subject), .text(alert.state.rawValue), .text(alert.detail), .real(alert.value),
                .real(alert.threshold), .integer(alert.startedAt.milliseconds), .integer(alert.updatedAt.milliseconds),
                .integer(alert.resolvedAt?.milliseconds),
            ])
        return alert
    }

    static func alert(_ row: SQLRow) throws -> Alert {
        guard let kind = Alert.Kind(rawValue: try row.text("kind")),
            let state = Alert.State(rawValue: try row.text("state"))
        else { throw StorageError(.decoding, "An alert has an unknown kind or state.") }
        return Alert(
            id: try row.integer("id"), endpoint: try row.text("endpoint"), version: try row.int("version"), kind: kind,
            subject: try row.text("subject"), state: state, detail: try row.text("detail"),
            value: try row.real("value"), threshold: try row.real("threshold"),
            startedAt: Timestamp(milliseconds: try row.integer("started_at")),
            updatedAt: Timestamp(milliseconds: try row.integer("updated_at")),
            resolvedAt: try row.optionalInteger("resolved_at").map(Timestamp.init(milliseconds:)))
    }
}
