public import Domain

extension PolicyStore {
    /// The newest versions of a model's policy, newest first.
    ///
    /// - Parameter limit: 1…1,000.
    public func newestVersions(_ model: String, limit: Int) async throws -> [PolicyVersion] {
        try await database.read { sql in
            try sql.rows(
                "SELECT body FROM policies WHERE model = $1 ORDER BY version DESC LIMIT $2",
                [.text(model), .integer(min(max(limit, 1), Self.rowsMax))]
            ).map(Self.decode)
        }
    }
}
