internal import Domain

/// Where the database names stored files. A table that names blobs and does not stand here would lose them to a collection and
/// never be verified, so a test looks for columns that look like digests.
enum BlobReferences {
    /// A table whose rows each name a blob, by the columns `digest` and `bytes`.
    struct Table {
        var name: String
        /// What a row is called, as SQL.
        var title: String
    }

    static let tables = [
        Table(name: "artifacts", title: "path"),
        Table(name: "model_version_files", title: "'models:/' || name || '/' || version || '/' || path"),
        Table(name: "dataset_version_files", title: "'dataset:' || name || '@' || number || '/' || path"),
    ]

    /// Digests of one question at most.
    static let digestsMax = 200

    /// Which of these digests something refers to.
    static func referenced(_ sql: SQLConnection, _ digests: [String]) throws -> Set<String> {
        guard !digests.isEmpty else { return [] }
        let marks = digests.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        let values = digests.map { SQLValue.text($0) }
        var found: Set<String> = []
        for table in tables {
            let rows = try sql.rows("SELECT DISTINCT digest FROM \(table.name) WHERE digest IN (\(marks))", values)
            for row in rows { found.insert(try row.text("digest")) }
        }
        return found
    }

    /// Whether anything but an artifact's path refers to a blob.
    static func isReferencedBeside(_ sql: SQLConnection, artifacts digest: String) throws -> Bool {
        for table in tables where table.name != "artifacts" {
            let row = try sql.row("SELECT 1 AS one FROM \(table.name) WHERE digest = $1 LIMIT 1", [.text(digest)])
            if row != nil { return true }
        }
        return false
    }

    /// Blobs that anything refers to.
    static func count(_ sql: SQLConnection) throws -> Int {
        let all = tables.map { "SELECT digest FROM \($0.name)" }.joined(separator: " UNION ")
        return try sql.row("SELECT COUNT(*) AS blobs FROM (\(all)) AS named")?.int("blobs") ?? 0
    }

    /// The next blobs behind a digest, by digest.
    static func blobs(_ sql: SQLConnection, after digest: String, limit: Int) throws -> [BlobStore.Blob] {
        let all = tables.map { "SELECT digest, bytes FROM \($0.name) WHERE digest > $1" }
        return try sql.rows(
            """
            SELECT digest, MAX(bytes) AS bytes FROM (\(all.joined(separator: " UNION ALL "))) AS named
            GROUP BY digest ORDER BY digest LIMIT $2
            """, [.text(digest), .integer(limit)]
        ).map { BlobStore.Blob(digest: try $0.text("digest"), bytes: try $0.integer("bytes")) }
    }

    /// What refers to a blob, at most `limit` of each table.
    static func titles(_ sql: SQLConnection, _ digest: String, limit: Int) throws -> [String] {
        try tables.flatMap { table in
            try sql.rows(
                "SELECT \(table.title) AS title FROM \(table.name) WHERE digest = $1 ORDER BY title LIMIT $2",
                [.text(digest), .integer(limit)]
            ).map { try $0.text("title") }
        }
    }
}
