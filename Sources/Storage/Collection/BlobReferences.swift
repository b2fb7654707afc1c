internal import Domain

/// Where the database names stored files. A table that names blobs and does not stand here would lose them to a collection, so
/// a test looks for columns that look like digests.
enum BlobReferences {
    /// Table and column with the SHA-256 of a blob.
    static let columns: [(table: String, column: String)] = [
        ("artifacts", "digest"), ("model_version_files", "digest"),
    ]

    /// Digests of one question at most.
    static let digestsMax = 200

    /// Which of these digests something refers to.
    static func referenced(_ sql: SQLConnection, _ digests: [String]) throws -> Set<String> {
        guard !digests.isEmpty else { return [] }
        let marks = digests.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        let values = digests.map { SQLValue.text($0) }
        var found: Set<String> = []
        for (table, column) in columns {
            let rows = try sql.rows(
                "SELECT DISTINCT \(column) AS digest FROM \(table) WHERE \(column) IN (\(marks))", values)
            for row in rows { found.insert(try row.text("digest")) }
        }
        return found
    }

    /// Whether anything but an artifact's path refers to a blob.
    static func isReferencedBeside(_ sql: SQLConnection, artifacts digest: String) throws -> Bool {
        for (table, column) in columns where table != "artifacts" {
            let row = try sql.row("SELECT 1 AS one FROM \(table) WHERE \(column) = $1 LIMIT 1", [.text(digest)])
            if row != nil { return true }
        }
        return false
    }
}
