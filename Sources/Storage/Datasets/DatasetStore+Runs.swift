public import Domain

/// Which run used which version. Nothing is stored for it: a run's data set is a version if it has its digest, or names it as its source.
extension DatasetStore: DatasetLinking {
    /// Uses of one version that are given at most.
    public static var usesMax: Int { 1_000 }

    /// Runs that used a version, the newest first.
    public func uses(of id: DatasetVersionID, limit: Int) async throws -> [DatasetUse] {
        try await database.read { try Self.uses($0, of: id, limit: min(max(limit, 1), Self.usesMax)) }
    }

    public func versions(ofRun runID: String) async throws -> [LoggedDatasetKey: DatasetVersionID] {
        try await database.read { try Self.versions($0, ofRun: runID) }
    }

    static func uses(_ sql: SQLConnection, of id: DatasetVersionID, limit: Int) throws -> [DatasetUse] {
        try sql.rows(
            """
            SELECT u.run_id, u.context, r.name, r.started_at FROM (
                SELECT run_id, context FROM run_datasets WHERE digest = $1
                UNION
                SELECT run_id, context FROM run_datasets WHERE dataset_uri = $2
            ) u JOIN runs r ON r.run_id = u.run_id
            ORDER BY r.started_at DESC, u.run_id, u.context LIMIT $3
            """,
            [
                .text(id.runDigest), .text(DatasetURI.key(name: id.name, digest: id.digest)), .integer(limit),
            ]
        ).map { row in
            DatasetUse(
                runID: try row.text("run_id"), runName: try row.text("name"), context: try row.optionalText("context"))
        }
    }

    static func versions(_ sql: SQLConnection, ofRun runID: String) throws -> [LoggedDatasetKey: DatasetVersionID] {
        let logged = try sql.rows(
            "SELECT name, digest, dataset_uri FROM run_datasets WHERE run_id = $1 ORDER BY name, digest",
            [.text(runID)])
        var found: [LoggedDatasetKey: DatasetVersionID] = [:]
        for row in logged {
            let key = LoggedDatasetKey(name: try row.text("name"), digest: try row.text("digest"))
            found[key] = try version(sql, of: key, uri: try row.optionalText("dataset_uri"))
        }
        return found
    }

    /// Several data sets may hold the same content: then the one that the source names is meant, else the one of the same name, else the
    /// first by name.
    static func version(_ sql: SQLConnection, of key: LoggedDatasetKey, uri: String?) throws -> DatasetVersionID? {
        for digest in [uri?.split(separator: "/").last.map(String.init), key.digest] {
            guard let digest else { continue }
            let ids = try sql.rows(
                "SELECT name, number, digest FROM dataset_versions WHERE link_digest = $1 ORDER BY name, number LIMIT 100",
                [.text(digest)]
            ).map(id)
            let named = ids.first { uri == DatasetURI.key(name: $0.name, digest: $0.digest) }
            if let best = named ?? ids.first(where: { $0.name == key.name }) ?? ids.first { return best }
        }
        return nil
    }
}
