public import Domain
internal import Foundation

/// The preparations of model versions, in registry.db.
public struct PreparationStore: VersionPreparationStore, PreparedVersionReading {
    /// Rows of one answer.
    static let rowsMax = 10_000

    let database: Database

    public init(database: Database) {
        self.database = database
    }

    public func preparation(_ id: ModelVersionID) async throws -> VersionPreparation? {
        try await database.read { sql in
            try sql.row(
                "SELECT document, name FROM version_preparations WHERE name = $1 AND version = $2",
                [.text(id.model), .integer(id.version)]
            ).map(Self.decode)
        }
    }

    public func save(_ preparation: VersionPreparation) async throws {
        let document = String(decoding: try JSONEncoder().encode(preparation), as: UTF8.self)
        try await database.write { sql in
            // A version deleted while it was prepared takes its preparation with it.
            _ = try sql.execute(
                """
                INSERT INTO version_preparations (name, version, state, prepared_at, document)
                SELECT name, version, $3, $4, $5 FROM model_versions WHERE name = $1 AND version = $2
                ON CONFLICT (name, version) DO UPDATE
                    SET state = excluded.state, prepared_at = excluded.prepared_at, document = excluded.document
                """,
                [
                    .text(preparation.id.model), .integer(preparation.id.version), .text(preparation.state.rawValue),
                    .integer(preparation.preparedAt.milliseconds), .text(document),
                ])
        }
    }

    public func unprepared() async throws -> [ModelVersionID] {
        try await database.read { sql in
            try sql.rows(
                """
                SELECT v.name, v.version FROM model_versions v
                LEFT JOIN version_preparations p ON p.name = v.name AND p.version = v.version
                WHERE p.state IS NULL OR p.state = 'pending'
                ORDER BY v.created_at, v.name, v.version LIMIT \(Self.rowsMax)
                """
            ).map { ModelVersionID(model: try $0.text("name"), version: try $0.int("version")) }
        }
    }

    /// The states of a model's versions in a range of numbers.
    public func states(model: String, versions: ClosedRange<Int>) async throws -> [Int: VersionPreparation.State] {
        let rows = try await database.read { sql in
            try sql.rows(
                """
                SELECT version, state FROM version_preparations
                WHERE name = $1 AND version >= $2 AND version <= $3 ORDER BY version DESC LIMIT \(Self.rowsMax)
                """, [.text(model), .integer(versions.lowerBound), .integer(versions.upperBound)]
            ).map { (try $0.int("version"), VersionPreparation.State(rawValue: try $0.text("state"))) }
        }
        return Dictionary(rows.compactMap { row in row.1.map { (row.0, $0) } }) { first, _ in first }
    }

    public func servableVersions() async throws -> [ServableVersion] {
        try await all(.servable).compactMap(\.servable).sorted {
            ($0.id.model, $0.id.version) < ($1.id.model, $1.id.version)
        }
    }

    public func unservable() async throws -> [VersionPreparation] { try await all(.unservable) }

    private func all(_ state: VersionPreparation.State) async throws -> [VersionPreparation] {
        try await database.read { sql in
            try sql.rows(
                """
                SELECT document, name FROM version_preparations WHERE state = $1
                ORDER BY prepared_at, name, version LIMIT \(Self.rowsMax)
                """, [.text(state.rawValue)]
            ).map(Self.decode)
        }
    }

    private static func decode(_ row: SQLRow) throws -> VersionPreparation {
        var preparation = try JSONDecoder().decode(
            VersionPreparation.self, from: Data(try row.text("document").utf8))
        // The model may have been renamed since; the columns follow, the document does not.
        let name = try row.text("name")
        preparation.id.model = name
        preparation.servable?.id.model = name
        return preparation
    }
}
