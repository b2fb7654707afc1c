public import Domain

/// Registry and tracking as the other rooms see them.
public struct RegistryReader: RegistryReading, ArtifactReading, ChampionMoving {
    let database: Database
    let artifacts: ArtifactStore
    let clock: any WallClock

    public init(database: Database, artifacts: ArtifactStore, clock: any WallClock) {
        self.database = database
        self.artifacts = artifacts
        self.clock = clock
    }

    public func versionRecord(_ id: ModelVersionID) async throws -> VersionRecord {
        try await database.read { try Self.record($0, try RegistryStore.version($0, id)) }
    }

    public func version(model: String, alias: String) async throws -> Int? {
        try await database.read { sql in
            try sql.row(
                "SELECT version FROM registered_model_aliases WHERE name = $1 AND alias = $2",
                [.text(model), .text(alias)])?.int("version")
        }
    }

    public func versionRecords(model: String) async throws -> [VersionRecord] {
        try await database.read { sql in
            try sql.rows("SELECT * FROM model_versions WHERE name = $1 ORDER BY version DESC", [.text(model)]).map {
                try Self.record(sql, try RegistryStore.version(sql, row: $0))
            }
        }
    }

    public func modelNames() async throws -> [String] {
        try await database.read { sql in
            try sql.rows("SELECT name FROM registered_models ORDER BY name").map { try $0.text("name") }
        }
    }

    public func runRecord(_ runID: String) async throws -> RunRecord {
        try await MetricInbox(database: database, clock: clock).settle(.runs([runID]))
        return try await database.read { sql in
            let run = try RunStore.run(sql, id: runID)
            let author = try sql.row("SELECT created_by, created_by_name FROM runs WHERE run_id = $1", [.text(runID)])
            guard let author else { throw MartletError.notFound("Run with id=\(runID) not found") }
            let latest = try sql.rows(Self.latestPoints, [.text(runID)]).map { row in
                let point = try RunStore.point(row)
                return RunRecord.Metric(
                    key: point.key, value: point.value, timestamp: point.timestamp,
                    loggedAt: Timestamp(milliseconds: try row.integer("logged_at")), datasetName: point.datasetName,
                    datasetDigest: point.datasetDigest, modelID: point.modelID)
            }
            return RunRecord(
                id: run.id, experimentID: run.experimentID, name: run.name, status: run.status.rawValue,
                createdBy: Principal.ID(rawValue: try author.text("created_by")),
                createdByName: try author.text("created_by_name"),
                startedAt: run.startedAt ?? Timestamp(milliseconds: 0), endedAt: run.endedAt, params: run.params,
                tags: run.tags,
                metrics: latest.sorted { ($0.key, $0.datasetName ?? "") < ($1.key, $1.datasetName ?? "") },
                datasets: run.datasets.map {
                    RunRecord.Dataset(
                        name: $0.name, digest: $0.digest, sourceType: $0.sourceType, source: $0.source,
                        context: $0.tags["mlflow.data.context"])
                })
        }
    }

    /// The latest value of each metric on each data set and model: a later step, then a later time, wins. A run may have
    /// millions of points, so the database picks; of metrics by name there are 10,000 at most.
    private static let latestPoints = """
        SELECT * FROM (
            SELECT p.*, ROW_NUMBER() OVER (
                PARTITION BY key, dataset_name, dataset_digest, model_id
                ORDER BY step DESC, timestamp DESC, value DESC
            ) AS place FROM metric_points p WHERE run_id = $1
        ) AS ranked WHERE place = 1 ORDER BY key LIMIT 10000
        """

    public func moveChampion(model: String, alias: String, to version: Int, by actor: Principal) async throws {
        let now = clock.now()
        try await database.write { sql in
            try RegistryStore.setAlias(sql, name: model, alias: alias, version: version, by: actor, at: now)
        }
    }

    // MARK: files

    public func read(_ path: String, of version: ModelVersionID, bytesMax: Int) async throws -> [UInt8] {
        let file = try await file(path, of: version)
        return try await artifacts.blobs.read(file.blob, bytesMax: bytesMax)
    }

    public func read(_ path: String, ofRun runID: String, bytesMax: Int) async throws -> [UInt8] {
        let blob = try await artifacts.blob(try await root(ofRun: runID) + "/" + path)
        return try await artifacts.blobs.read(blob, bytesMax: bytesMax)
    }

    public func list(run runID: String) async throws -> [String] {
        let root = try await root(ofRun: runID)
        return try await database.read { sql in
            let rows = try ArtifactStore.rows(sql, under: root + "/", limit: ArtifactStore.entriesMax + 1)
            guard rows.count <= ArtifactStore.entriesMax else {
                throw MartletError.precondition("The run \(runID) has more than \(ArtifactStore.entriesMax) artifacts.")
            }
            return try rows.map { ArtifactStore.relative(try $0.text("path"), to: root) }
        }
    }

    public func localPath(_ path: String, of version: ModelVersionID) async throws -> String {
        try await artifacts.blobs.localPath(try await file(path, of: version).blob)
    }

    private func file(_ path: String, of version: ModelVersionID) async throws -> VersionFile {
        guard let file = try await versionRecord(version).files.first(where: { $0.path == path }) else {
            throw MartletError.notFound("The version \(version) has no file '\(path)'.")
        }
        return file
    }

    private func root(ofRun runID: String) async throws -> String {
        try await database.read { sql in
            let uri = try RunStore.run(sql, id: runID).artifactURI
            guard let root = ArtifactPath.path(uri: uri) else {
                throw MartletError.notFound(
                    "The artifacts of the run \(runID) are at \(uri), which Martlet does not keep.")
            }
            return root
        }
    }

    static func record(_ sql: SQLConnection, _ version: ModelVersion) throws -> VersionRecord {
        let rows = try sql.rows(
            "SELECT path, digest, bytes FROM model_version_files WHERE name = $1 AND version = $2 ORDER BY path",
            [.text(version.id.model), .integer(version.id.version)])
        let authors = try sql.rows(
            "SELECT principal_id FROM model_version_authors WHERE name = $1 AND version = $2",
            [.text(version.id.model), .integer(version.id.version)])
        return VersionRecord(
            id: version.id, createdAt: version.createdAt, createdBy: version.createdBy,
            createdByName: version.createdByName, runID: version.runID, loggedModelID: version.loggedModelID,
            source: version.source, description: version.description, tags: version.tags, aliases: version.aliases,
            files: try rows.map {
                VersionFile(path: try $0.text("path"), digest: try $0.text("digest"), bytes: try $0.integer("bytes"))
            },
            otherAuthors: Set(try authors.map { Principal.ID(rawValue: try $0.text("principal_id")) }))
    }
}

extension VersionFile {
    /// What it holds.
    var blob: BlobStore.Blob { BlobStore.Blob(digest: digest, bytes: bytes) }
}
