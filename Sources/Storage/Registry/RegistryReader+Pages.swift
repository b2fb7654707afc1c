public import Domain

/// The registry in pages, for lists of any length.
extension RegistryReader {
    /// Rows of one page at most.
    public static var pageMax: Int { 1_000 }

    /// Models by name, ascending.
    ///
    /// - Parameters:
    ///   - after: only names behind this one; nil begins at the first.
    ///   - limit: 1…1,000.
    public func modelSummaries(after: String?, limit: Int) async throws -> [ModelSummary] {
        try await database.read { sql in
            try sql.rows(
                """
                SELECT m.name, m.description, COUNT(v.version) AS versions, MAX(v.version) AS newest
                FROM (SELECT name, description FROM registered_models WHERE name > $1 ORDER BY name LIMIT $2) m
                LEFT JOIN model_versions v ON v.name = m.name
                GROUP BY m.name, m.description ORDER BY m.name
                """, [.text(after ?? ""), .integer(min(max(limit, 1), Self.pageMax))]
            ).map(Self.summary)
        }
    }

    /// - Throws: `notFound`.
    public func modelSummary(_ name: String) async throws -> ModelSummary {
        try await database.read { sql in
            let row = try sql.row(
                """
                SELECT m.name, m.description, COUNT(v.version) AS versions, MAX(v.version) AS newest
                FROM registered_models m LEFT JOIN model_versions v ON v.name = m.name
                WHERE m.name = $1 GROUP BY m.name, m.description
                """, [.text(name)])
            guard let row else { throw MartletError.notFound("There is no registered model named \(name).") }
            return try Self.summary(row)
        }
    }

    public func modelCount() async throws -> Int {
        try await database.read { sql in
            try sql.row("SELECT COUNT(*) AS models FROM registered_models")?.int("models") ?? 0
        }
    }

    /// Versions of one model, newest first.
    ///
    /// - Parameters:
    ///   - before: only smaller numbers; nil begins at the newest.
    ///   - limit: 1…1,000.
    public func versionRecords(model: String, before: Int?, limit: Int) async throws -> [VersionRecord] {
        try await database.read { sql in
            try sql.rows(
                "SELECT * FROM model_versions WHERE name = $1 AND version < $2 ORDER BY version DESC LIMIT $3",
                [.text(model), .integer(before ?? .max), .integer(min(max(limit, 1), Self.pageMax))]
            ).map { try Self.record(sql, try RegistryStore.version(sql, row: $0)) }
        }
    }

    private static func summary(_ row: SQLRow) throws -> ModelSummary {
        ModelSummary(
            name: try row.text("name"), description: try row.optionalText("description"),
            versions: try row.int("versions"), newestVersion: try row.optionalInteger("newest").map(Int.init))
    }
}
