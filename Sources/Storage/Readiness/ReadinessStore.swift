public import Domain

/// Measurements and the last readiness of each version, in registry.db. They go with their version.
public struct ReadinessStore: ReadinessKeeping {
    /// Measurements of one version that are kept: the newest.
    static let measurementsMax = 20

    let database: Database

    public init(database: Database) {
        self.database = database
    }

    public func save(_ measurement: PerformanceMeasurement, of version: ModelVersionID) async throws -> Int64 {
        try await database.write { sql in
            _ = try RegistryStore.version(sql, version)
            let id = try sql.row("SELECT COALESCE(MAX(id), 0) + 1 AS next FROM measurements")?.integer("next") ?? 1
            try sql.execute(
                "INSERT INTO measurements (id, model, version, body) VALUES ($1, $2, $3, $4)",
                [
                    .integer(id), .text(version.model), .integer(version.version),
                    .text(try JSONDocument.text(measurement)),
                ])
            try sql.execute(
                """
                DELETE FROM measurements WHERE model = $1 AND version = $2 AND id NOT IN (
                    SELECT id FROM measurements WHERE model = $1 AND version = $2
                    ORDER BY id DESC LIMIT \(Self.measurementsMax))
                """, [.text(version.model), .integer(version.version)])
            return id
        }
    }

    public func newestMeasurement(of version: ModelVersionID) async throws -> KeptMeasurement? {
        try await database.read { sql in
            try sql.row(
                "SELECT id, body FROM measurements WHERE model = $1 AND version = $2 ORDER BY id DESC LIMIT 1",
                [.text(version.model), .integer(version.version)]
            ).map {
                KeptMeasurement(
                    id: try $0.integer("id"),
                    measurement: try JSONDocument.value(PerformanceMeasurement.self, try $0.text("body")))
            }
        }
    }

    public func save(_ report: ReadinessReport) async throws {
        try await database.write { sql in
            // A version deleted meanwhile leaves nothing behind.
            _ = try sql.execute(
                """
                INSERT INTO readiness_reports (model, version, body)
                SELECT name, version, $3 FROM model_versions WHERE name = $1 AND version = $2
                ON CONFLICT (model, version) DO UPDATE SET body = excluded.body
                """,
                [
                    .text(report.version.model), .integer(report.version.version),
                    .text(try JSONDocument.text(report)),
                ])
        }
    }

    public func lastReport(of version: ModelVersionID) async throws -> ReadinessReport? {
        try await database.read { sql in
            try sql.row(
                "SELECT body FROM readiness_reports WHERE model = $1 AND version = $2",
                [.text(version.model), .integer(version.version)]
            ).map { try JSONDocument.value(ReadinessReport.self, try $0.text("body")) }
        }
    }
}
