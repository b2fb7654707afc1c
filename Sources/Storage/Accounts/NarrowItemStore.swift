internal import Domain

/// What narrow keys have made, in registry.db.
public struct NarrowItemStore: Sendable {
    public enum Kind: String, Sendable {
        case run
        case loggedModel = "logged_model"
        case version
    }

    let database: Database

    public init(database: Database) {
        self.database = database
    }

    /// Notes that the key has made it; twice is once.
    ///
    /// - Parameter artifactURI: where its files are; nil where it has none of its own.
    public func note(_ kind: Kind, _ id: String, artifactURI: String?, key: String) async throws {
        let root = artifactURI.flatMap(ArtifactPath.path(uri:)) ?? ""
        try await database.write { sql in
            _ = try sql.execute(
                """
                INSERT INTO narrow_key_items (key_id, kind, item_id, artifact_root) VALUES ($1, $2, $3, $4)
                ON CONFLICT (key_id, kind, item_id) DO NOTHING
                """, [.text(key), .text(kind.rawValue), .text(id), .text(root)])
        }
    }

    public func has(_ kind: Kind, _ id: String, key: String) async throws -> Bool {
        try await database.read { sql in
            try sql.row(
                "SELECT 1 AS found FROM narrow_key_items WHERE key_id = $1 AND kind = $2 AND item_id = $3",
                [.text(key), .text(kind.rawValue), .text(id)]) != nil
        }
    }

    /// Whether the path is the folder of something that the key has made, or lies in it.
    public func hasArtifact(_ path: String, key: String) async throws -> Bool {
        try await database.read { sql in
            try sql.row(
                """
                SELECT 1 AS found FROM narrow_key_items WHERE key_id = $1 AND artifact_root <> ''
                    AND substr($2, 1, length(artifact_root) + 1) = artifact_root || '/'
                """, [.text(key), .text(path + "/")]) != nil
        }
    }
}
