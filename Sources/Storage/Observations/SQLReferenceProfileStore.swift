public import Domain

/// Reference profiles in registry.db.
public struct SQLReferenceProfileStore: ReferenceProfileStore {
    private let database: Database

    public init(database: Database) {
        self.database = database
    }

    public func referenceProfile(_ version: ModelVersionID) async throws -> ReferenceProfile? {
        let document = try await database.read { sql in
            try sql.row(
                "SELECT document FROM reference_profiles WHERE model = $1 AND version = $2",
                [.text(version.model), .integer(version.version)])?.text("document")
        }
        return try document.map { try JSONDocument.value(ReferenceProfile.self, $0) }
    }

    public func save(_ profile: ReferenceProfile) async throws {
        let document = try JSONDocument.text(profile)
        try await database.write { sql in
            _ = try sql.execute(
                """
                INSERT INTO reference_profiles (model, version, document) VALUES ($1, $2, $3)
                ON CONFLICT (model, version) DO UPDATE SET document = excluded.document
                """,
                [.text(profile.version.model), .integer(profile.version.version), .text(document)])
        }
    }
}
