public import Domain

/// Windows in observations.db.
public struct SQLWindowStore: WindowStore {
    /// Partials read at once: a week of minutes of ten versions is 100,000.
    static let partialsMax = 200_000

    private let database: Database

    public init(database: Database) {
        self.database = database
    }

    public func append(_ partials: [PartialWindow]) async throws {
        let rows = try partials.map { ($0, try JSONDocument.text($0)) }
        try await database.write { sql in
            for (partial, document) in rows { try Self.insert(partial, document, sql) }
        }
    }

    public func partials(
        endpoint: String, version: Int?, from: Timestamp, to: Timestamp
    ) async throws -> [PartialWindow] {
        let documents = try await database.read { sql in
            try sql.rows(
                """
                SELECT document FROM partial_windows
                WHERE endpoint = $1 AND start_at >= $2 AND start_at < $3 AND (version = $4 OR $4 < 0)
                ORDER BY start_at LIMIT $5
                """,
                [
                    .text(endpoint), .integer(from.milliseconds), .integer(to.milliseconds), .integer(version ?? -1),
                    .integer(Self.partialsMax),
                ]
            ).map { try $0.text("document") }
        }
        return try documents.map { try JSONDocument.value(PartialWindow.self, $0) }
    }

    public func compact(from: Timestamp, to: Timestamp, into merged: [PartialWindow]) async throws {
        let rows = try merged.map { ($0, try JSONDocument.text($0)) }
        try await database.write { sql in
            for endpoint in Set(rows.map(\.0.endpoint)) {
                try sql.execute(
                    "DELETE FROM partial_windows WHERE endpoint = $1 AND start_at >= $2 AND start_at < $3",
                    [.text(endpoint), .integer(from.milliseconds), .integer(to.milliseconds)])
            }
            for (partial, document) in rows { try Self.insert(partial, document, sql) }
        }
    }

    public func save(_ summary: WindowSummary) async throws {
        let document = try JSONDocument.text(summary)
        try await database.write { sql in
            _ = try sql.execute(
                """
                INSERT INTO windows (endpoint, version, role, start_at, document) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (endpoint, start_at, version, role) DO UPDATE SET document = excluded.document
                """,
                [
                    .text(summary.endpoint), .integer(summary.version), .text(summary.role.rawValue),
                    .integer(summary.start.milliseconds), .text(document),
                ])
        }
    }

    public func summaries(
        endpoint: String, version: Int?, from: Timestamp, limit: Int
    ) async throws -> [WindowSummary] {
        let documents = try await database.read { sql in
            try sql.rows(
                """
                SELECT document FROM windows
                WHERE endpoint = $1 AND start_at >= $2 AND (version = $3 OR $3 < 0)
                ORDER BY start_at DESC LIMIT $4
                """,
                [.text(endpoint), .integer(from.milliseconds), .integer(version ?? -1), .integer(limit)]
            ).map { try $0.text("document") }
        }
        return try documents.reversed().map { try JSONDocument.value(WindowSummary.self, $0) }
    }

    public func save(_ report: QualityReport) async throws {
        let document = try JSONDocument.text(report)
        try await database.write { sql in
            _ = try sql.execute(
                """
                INSERT INTO quality_reports (endpoint, version, time, document) VALUES ($1, $2, $3, $4)
                ON CONFLICT (endpoint, time, version) DO UPDATE SET document = excluded.document
                """,
                [
                    .text(report.endpoint), .integer(report.version), .integer(report.time.milliseconds),
                    .text(document),
                ])
        }
    }

    public func qualityReports(endpoint: String, from: Timestamp, limit: Int) async throws -> [QualityReport] {
        let documents = try await database.read { sql in
            try sql.rows(
                """
                SELECT document FROM quality_reports WHERE endpoint = $1 AND time >= $2 ORDER BY time DESC LIMIT $3
                """,
                [.text(endpoint), .integer(from.milliseconds), .integer(limit)]
            ).map { try $0.text("document") }
        }
        return try documents.reversed().map { try JSONDocument.value(QualityReport.self, $0) }
    }

    public func prune(partialsBefore: Timestamp, summariesBefore: Timestamp) async throws -> Int {
        try await database.write { sql in
            try sql.execute(
                "DELETE FROM partial_windows WHERE start_at < $1", [.integer(partialsBefore.milliseconds)])
                + sql.execute("DELETE FROM windows WHERE start_at < $1", [.integer(summariesBefore.milliseconds)])
                + sql.execute("DELETE FROM quality_reports WHERE time < $1", [.integer(summariesBefore.milliseconds)])
        }
    }

    private static func insert(_ partial: PartialWindow, _ document: String, _ sql: SQLConnection) throws {
        try sql.execute(
            "INSERT INTO partial_windows (endpoint, version, start_at, document) VALUES ($1, $2, $3, $4)",
            [
                .text(partial.endpoint), .integer(partial.version), .integer(partial.start.milliseconds),
                .text(document),
            ])
    }
}
