public import Domain

/// The events that an OpenLineage endpoint is to be told, in the order in which they happened, until they are told.
public struct OpenLineageOutbox: Sendable {
    /// Events that wait at most: days of a busy server with a dead endpoint. Beyond it events are dropped and counted.
    public static let waitingMax: Int64 = 100_000
    /// Events of which the endpoint said that it will never take them, kept for whoever looks.
    static let refusedMax: Int64 = 1_000
    static let errorCharactersMax = 500

    let database: Database
    let clock: any WallClock

    public init(database: Database, clock: any WallClock) {
        self.database = database
        self.clock = clock
    }

    /// Whether events are written from now on.
    public func setEnabled(_ isEnabled: Bool) async throws {
        try await database.write { sql in
            _ = try sql.execute("UPDATE openlineage_state SET is_enabled = $1", [.bool(isEnabled)])
        }
    }

    /// Writes an event into the transaction in which it happened; nothing where no endpoint is configured, or too many wait.
    static func note(_ sql: SQLConnection, _ kind: OpenLineageNotice.Kind, _ subject: String, at now: Timestamp) throws
    {
        let next = try sql.row(
            "UPDATE openlineage_state SET last_id = last_id + 1 WHERE is_enabled = 1 RETURNING last_id")
        guard let id = try next?.integer("last_id") else { return }
        let oldest = try sql.row("SELECT MIN(id) AS oldest FROM openlineage_outbox WHERE is_refused = 0")
        if let oldest = try oldest?.optionalInteger("oldest"), id - oldest >= waitingMax {
            try sql.execute("UPDATE openlineage_state SET dropped = dropped + 1")
            return
        }
        try sql.execute(
            """
            INSERT INTO openlineage_outbox (id, kind, subject, happened_at, attempts, next_attempt_at, is_refused)
            VALUES ($1, $2, $3, $4, 0, $4, 0)
            """, [.integer(id), .text(kind.rawValue), .text(subject), .integer(now.milliseconds)])
    }

    /// The oldest events that are not told yet, in their order; none while the first of them waits for its next attempt, since what
    /// happened first is told first.
    public func due(limit: Int) async throws -> [OpenLineageNotice] {
        let now = clock.now()
        return try await database.read { sql in
            let rows = try sql.rows(
                "SELECT * FROM openlineage_outbox WHERE is_refused = 0 ORDER BY id LIMIT $1", [.integer(limit)])
            return try rows.prefix { try $0.integer("next_attempt_at") <= now.milliseconds }.compactMap { row in
                guard let kind = OpenLineageNotice.Kind(rawValue: try row.text("kind")) else { return nil }
                return OpenLineageNotice(
                    id: try row.integer("id"), kind: kind, subject: try row.text("subject"),
                    time: Timestamp(milliseconds: try row.integer("happened_at")), attempts: try row.int("attempts"))
            }
        }
    }

    /// It was told.
    public func remove(_ id: Int64) async throws {
        try await database.write { sql in
            _ = try sql.execute("DELETE FROM openlineage_outbox WHERE id = $1", [.integer(id)])
        }
    }

    /// It could not be told now.
    public func postpone(_ id: Int64, until time: Timestamp, because error: String) async throws {
        try await database.write { sql in
            _ = try sql.execute(
                "UPDATE openlineage_outbox SET attempts = attempts + 1, next_attempt_at = $2, error = $3 WHERE id = $1",
                [.integer(id), .integer(time.milliseconds), .text(String(error.prefix(Self.errorCharactersMax)))])
        }
    }

    /// It will never be told: the endpoint refused it. The newest of these are kept to be looked at.
    public func refuse(_ id: Int64, because error: String) async throws {
        try await database.write { sql in
            try sql.execute(
                "UPDATE openlineage_outbox SET attempts = attempts + 1, is_refused = 1, error = $2 WHERE id = $1",
                [.integer(id), .text(String(error.prefix(Self.errorCharactersMax)))])
            _ = try sql.execute(
                "DELETE FROM openlineage_outbox WHERE is_refused = 1 AND id <= $1",
                [.integer(id - Self.refusedMax)])
        }
    }

    /// Events that wait, were refused, and were dropped because too many waited.
    public func counts() async throws -> (waiting: Int, refused: Int, dropped: Int) {
        try await database.read { sql in
            let row = try sql.row(
                """
                SELECT (SELECT COUNT(*) FROM openlineage_outbox WHERE is_refused = 0) AS waiting,
                    (SELECT COUNT(*) FROM openlineage_outbox WHERE is_refused = 1) AS refused, dropped
                FROM openlineage_state
                """)
            return (try row?.int("waiting") ?? 0, try row?.int("refused") ?? 0, try row?.int("dropped") ?? 0)
        }
    }
}
