public import Domain
internal import NIOCore

/// Optimised versions: their files, their run and what was done, all in one transaction with the version.
public struct OptimizedVersionStore: OptimizedVersionKeeping {
    /// The version's files lie in this folder of its run.
    static let folder = "model"
    /// What the source's run says of data, code and people, which is as true of the new version.
    static let inheritedTags = [
        VersionTag.featureEngineeringCommit, VersionTag.featureEngineeringRepository, VersionTag.team,
        VersionTag.knownLimitations, VersionTag.reference, VersionTag.sourceCommit, VersionTag.sourceRepository,
        VersionTag.sourceBranch, VersionTag.sourceName,
    ]

    private let registry: RegistryStore
    private let artifacts: ArtifactStore

    /// - Parameter registry: signs the versions as it does others.
    public init(registry: RegistryStore, artifacts: ArtifactStore) {
        self.registry = registry
        self.artifacts = artifacts
    }

    public func record(of id: ModelVersionID) async throws -> OptimizationRecord? {
        try await registry.database.read { sql in
            let row = try sql.row(
                "SELECT document FROM version_optimizations WHERE name = $1 AND version = $2",
                [.text(id.model), .integer(id.version)])
            return try row.map { try JSONDocument.value(OptimizationRecord.self, try $0.text("document")) }
        }
    }

    public func register(_ draft: OptimizedVersionDraft, by actor: Principal) async throws -> ModelVersionID {
        var written: [(path: String, blob: BlobStore.Blob)] = []
        for file in draft.files {
            let blob = try await artifacts.blobs.write(Pieces(bytes: file.bytes), bytesMax: artifacts.bytesMax)
            written.append((path: file.path, blob: blob))
        }
        let (now, files) = (registry.clock.now(), written)
        return try await registry.database.write { sql in
            let source = try RegistryStore.version(sql, draft.source)
            let (run, root) = try Self.run(sql, source, draft, by: actor, at: now)
            for file in files {
                try ArtifactStore.insert(
                    sql, file.blob, at: "\(root)/\(Self.folder)/\(file.path)", by: actor, now: now)
            }
            var version = RegistryStore.VersionDraft(
                name: source.id.model, source: "runs:/\(run.id)/\(Self.folder)", runID: run.id, loggedModelID: nil,
                runLink: nil, description: nil,
                tags: [VersionTag.derivedFrom: "\(source.id)", VersionTag.optimization: draft.record.method],
                needsFiles: true)
            version.derivedFrom = source.id
            let id = try registry.createVersion(sql, version, by: actor, at: now).id
            try sql.execute(
                "INSERT INTO version_optimizations (name, version, source_version, document) VALUES ($1, $2, $3, $4)",
                [
                    .text(id.model), .integer(id.version), .integer(source.id.version),
                    .text(try JSONDocument.text(draft.record)),
                ])
            return id
        }
    }

    // MARK: the run

    /// A finished run beside that of the source, with its params and data sets, and the figures of the optimisation.
    private static func run(
        _ sql: SQLConnection, _ source: ModelVersion, _ draft: OptimizedVersionDraft, by actor: Principal,
        at now: Timestamp
    ) throws -> (run: Run, root: String) {
        let origin = try source.runID.flatMap { id in
            try sql.row("SELECT run_id, experiment_id, artifact_uri FROM runs WHERE run_id = $1", [.text(id)])
        }
        let place = try place(sql, of: origin)
        let id = RunStore.freshID()
        let root = "\(place.root)/\(id)/artifacts"
        var run = Run(
            id: id, experimentID: place.experimentID, name: "\(draft.record.method) of \(source.id)",
            userID: actor.name, status: .finished, startedAt: now, endedAt: now,
            artifactURI: "mlflow-artifacts:/\(root)", isDeleted: false)
        run.tags = try tags(sql, source, run, of: origin)
        try RunStore.insert(sql, run, by: actor, at: now)
        try inherit(sql, run.id, source, from: origin)
        for (key, value) in params(draft) {
            try sql.execute(
                """
                INSERT INTO run_params (run_id, key, value) VALUES ($1, $2, $3)
                ON CONFLICT (run_id, key) DO UPDATE SET value = excluded.value
                """, [.text(run.id), .text(key), .text(value)])
        }
        if let origin, let path = draft.referencePath {
            try copyReference(sql, path, from: try origin.text("artifact_uri"), to: root)
        }
        try RunStore.insert(
            sql, runID: run.id, experimentID: try ExperimentStore.number(run.experimentID),
            draft.record.figures.map { MetricPoint(key: $0.name, value: $0.value, timestamp: now, step: 0) },
            loggedAt: now)
        try OpenLineageOutbox.note(sql, .runEnded, run.id, at: now)
        return (run, root)
    }

    /// The experiment of the source's run, else the default one, and the folder of its runs.
    private static func place(
        _ sql: SQLConnection, of origin: SQLRow?
    ) throws -> (experimentID: String, root: String) {
        if let origin {
            let experiment = try ExperimentStore.experiment(sql, id: try origin.integer("experiment_id"))
            if !experiment.isDeleted, let root = ArtifactPath.path(uri: experiment.artifactLocation) {
                return (experiment.id, root)
            }
        }
        let experiment = try ExperimentStore.active(sql, id: "0")
        guard let root = ArtifactPath.path(uri: experiment.artifactLocation) else {
            throw MartletError.precondition(
                "The artifacts of the default experiment are not kept by this server, so there is no place for the new version's."
            )
        }
        return (experiment.id, root)
    }

    private static func tags(
        _ sql: SQLConnection, _ source: ModelVersion, _ run: Run, of origin: SQLRow?
    ) throws -> [String: String] {
        var tags = ["mlflow.runName": run.name, "mlflow.user": run.userID, VersionTag.derivedFrom: "\(source.id)"]
        guard let origin else { return tags }
        let id = try origin.text("run_id")
        tags["mlflow.parentRunId"] = id
        let marks = inheritedTags.indices.map { "$\($0 + 2)" }.joined(separator: ", ")
        let rows = try sql.rows(
            "SELECT key, value FROM run_tags WHERE run_id = $1 AND key IN (\(marks))",
            [.text(id)] + inheritedTags.map { .text($0) })
        for row in rows { tags[try row.text("key")] = try row.text("value") }
        return tags
    }

    private static func params(_ draft: OptimizedVersionDraft) -> [(key: String, value: String)] {
        [
            ("optimize.source", "models:/\(draft.source)"), ("optimize.method", draft.record.method),
            ("optimize.detail", draft.record.detail), ("optimize.tool", draft.record.tool),
        ]
    }

    /// The hyperparameters and the data sets that the source was trained with.
    private static func inherit(
        _ sql: SQLConnection, _ runID: String, _ source: ModelVersion, from origin: SQLRow?
    ) throws {
        if let modelID = source.loggedModelID {
            try sql.execute(
                """
                INSERT INTO run_params (run_id, key, value)
                SELECT $2, key, value FROM logged_model_params WHERE model_id = $1
                """, [.text(modelID), .text(runID)])
        }
        guard let origin else { return }
        let ids: [SQLValue] = [.text(try origin.text("run_id")), .text(runID)]
        try sql.execute(
            """
            INSERT INTO run_params (run_id, key, value)
            SELECT $2, key, value FROM run_params WHERE run_id = $1
            ON CONFLICT (run_id, key) DO NOTHING
            """, ids)
        try sql.execute(
            """
            INSERT INTO run_datasets
                (run_id, position, name, digest, source_type, source, schema, profile, context, tags, dataset_uri)
            SELECT $2, position, name, digest, source_type, source, schema, profile, context, tags, dataset_uri
            FROM run_datasets WHERE run_id = $1
            """, ids)
    }

    /// The new version is monitored against the same rows.
    private static func copyReference(
        _ sql: SQLConnection, _ path: String, from uri: String, to root: String
    ) throws {
        guard let origin = ArtifactPath.path(uri: uri) else { return }
        try sql.execute(
            """
            INSERT INTO artifacts (path, digest, bytes, modified_at, stored_by)
            SELECT $2, digest, bytes, modified_at, stored_by FROM artifacts WHERE path = $1
            """, [.text("\(origin)/\(path)"), .text("\(root)/\(path)")])
    }
}

/// Bytes as a body, a mebibyte at a time.
private struct Pieces: AsyncSequence, Sendable {
    let bytes: [UInt8]

    struct AsyncIterator: AsyncIteratorProtocol {
        var rest: ArraySlice<UInt8>

        mutating func next() async -> ByteBuffer? {
            guard !rest.isEmpty else { return nil }
            defer { rest = rest.dropFirst(1 << 20) }
            return ByteBuffer(bytes: rest.prefix(1 << 20))
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: bytes[...]) }
}
