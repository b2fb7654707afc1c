public import Domain

extension RegistryStore {
    static let versionLayout = SearchSQL.Layout(
        table: "model_versions", identity: ["name", "version"],
        columns: [
            "name": "name", "version_number": "version", "run_id": "run_id", "source_path": "source",
            "creation_timestamp": "created_at", "last_updated_timestamp": "updated_at",
        ],
        tagTable: "model_version_tags")

    /// What a client asks for when it registers a version.
    public struct VersionDraft: Sendable {
        public var name: String
        public var source: String
        public var runID: String?
        public var loggedModelID: String?
        public var runLink: String?
        public var description: String?
        public var tags: [String: String]
        /// Whether a source that Martlet keeps must have files, as those of governed models must.
        public var needsFiles: Bool
        /// The version that the server made it of, whose authors are its own, too; never a client's word.
        var derivedFrom: ModelVersionID?

        public init(
            name: String, source: String, runID: String?, loggedModelID: String?, runLink: String?,
            description: String?, tags: [String: String], needsFiles: Bool = false
        ) {
            self.name = name
            self.source = source
            self.runID = runID
            self.loggedModelID = loggedModelID
            self.runLink = runLink
            self.description = description
            self.tags = tags
            self.needsFiles = needsFiles
        }
    }

    /// Registers the next version with the digest of every file under its source.
    ///
    /// - Throws: `notFound` for the model or the source, `invalidArgument` for a source outside its run or logged model.
    public func createVersion(_ draft: VersionDraft, by actor: Principal) async throws -> ModelVersion {
        let now = clock.now()
        return try await database.write { try createVersion($0, draft, by: actor, at: now) }
    }

    /// Inside a transaction that does more.
    func createVersion(
        _ sql: SQLConnection, _ draft: VersionDraft, by actor: Principal, at now: Timestamp
    ) throws -> ModelVersion {
        let model = try Self.model(sql, name: draft.name)
        var source = try VersionSource.resolve(sql, draft)
        if let origin = draft.derivedFrom { try source.addAuthors(sql, of: origin) }
        let counter = try sql.row(
            """
            INSERT INTO model_version_counters (name, last_version) VALUES ($1, 1)
            ON CONFLICT (name) DO UPDATE SET last_version = model_version_counters.last_version + 1
            RETURNING last_version
            """, [.text(model.name)])
        try Self.touch(sql, model.name, at: now)
        guard let number = try counter?.int("last_version") else {
            throw StorageError(.decoding, "The version counter was not returned.")
        }
        let id = ModelVersionID(model: model.name, version: number)
        try sql.execute(
            """
            INSERT INTO model_versions (name, version, created_at, updated_at, stage, description, source, run_id,
                run_link, logged_model_id, artifact_root, created_by, created_by_name, status_message)
            VALUES ($1, $2, $3, $3, 'None', $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            [
                .text(id.model), .integer(number), .integer(now.milliseconds), .text(draft.description),
                .text(draft.source), .text(source.runID), .text(draft.runLink), .text(source.loggedModelID),
                .text(source.artifactRoot), .text(actor.id.rawValue), .text(actor.name), .text(source.message),
            ])
        for author in source.authors.union([actor.id.rawValue]) {
            try sql.execute(
                "INSERT INTO model_version_authors (name, version, principal_id) VALUES ($1, $2, $3)",
                [.text(id.model), .integer(number), .text(author)])
        }
        for file in source.files {
            try sql.execute(
                "INSERT INTO model_version_files (name, version, path, digest, bytes) VALUES ($1, $2, $3, $4, $5)",
                [.text(id.model), .integer(number), .text(file.path), .text(file.digest), .integer(file.bytes)])
        }
        let history = HistoryWriter(sql: sql, actor: actor, time: now)
        try history.record(.version, of: id.model, version: number, value: draft.source)
        if let description = draft.description {
            try history.record(.versionDescription, of: id.model, version: number, value: description)
        }
        for (key, value) in draft.tags { try Self.setVersionTag(sql, id, key: key, value: value, history) }
        if let modelID = source.loggedModelID { try Self.note(sql, id, on: modelID) }
        try WebhookOutbox.post(
            sql, .versionCreated,
            [
                "name": .string(id.model), "version": .string(String(number)), "source": .string(draft.source),
                "run_id": source.runID.map { .string($0) } ?? .null,
                "tags": .object(draft.tags.mapValues { .string($0) }),
                "description": draft.description.map { .string($0) } ?? .null,
            ], at: now)
        try sql.appendAudit(
            AuditDraft(
                actor: actor, action: "version.create", subject: "models/\(id.model)/versions/\(number)",
                after: Self.audited(draft, source)),
            at: now)
        try OpenLineageOutbox.note(sql, .versionRegistered, id.description, at: now)
        if let signer, !source.files.isEmpty {
            try SignatureStore.sign(sql, id, source.files, with: signer, by: actor, at: now)
        }
        return try Self.version(sql, id)
    }

    /// - Throws: `notFound`.
    public func version(_ id: ModelVersionID) async throws -> ModelVersion {
        try await database.read { try Self.version($0, id) }
    }

    /// - Throws: `invalidArgument` if the alias is not set, as MLflow has it.
    public func version(_ name: String, alias: String) async throws -> ModelVersion {
        try await database.readBriefly { sql in
            let row = try sql.row(
                "SELECT version FROM registered_model_aliases WHERE name = $1 AND alias = $2",
                [.text(name), .text(alias)])
            guard let number = try row?.int("version") else {
                _ = try Self.model(sql, name: name)
                throw MartletError.invalid("Registered model alias \(alias) not found.")
            }
            return try Self.version(sql, ModelVersionID(model: name, version: number))
        }
    }

    public func updateVersion(
        _ id: ModelVersionID, description: String?, by actor: Principal
    ) async throws -> ModelVersion {
        let now = clock.now()
        return try await database.write { sql in
            _ = try Self.version(sql, id)
            try sql.execute(
                "UPDATE model_versions SET description = $3, updated_at = $4 WHERE name = $1 AND version = $2",
                [.text(id.model), .integer(id.version), .text(description), .integer(now.milliseconds)])
            try HistoryWriter(sql: sql, actor: actor, time: now).record(
                .versionDescription, of: id.model, version: id.version, value: description)
            return try Self.version(sql, id)
        }
    }

    public func transition(
        _ id: ModelVersionID, to stage: ModelVersion.Stage, archiveOthers: Bool, by actor: Principal
    ) async throws -> ModelVersion {
        guard !archiveOthers || [.staging, .production].contains(stage) else {
            throw MartletError.invalid(
                "Model version transition cannot archive existing model versions because '\(stage.rawValue)' is not an Active stage. Valid stages are ['Staging', 'Production']",
                field: "archive_existing_versions")
        }
        let now = clock.now()
        return try await database.write { sql in
            let old = try Self.version(sql, id)
            let history = HistoryWriter(sql: sql, actor: actor, time: now)
            if archiveOthers {
                let archived = try sql.rows(
                    """
                    UPDATE model_versions SET stage = 'Archived', updated_at = $4
                    WHERE name = $1 AND version <> $2 AND stage = $3 RETURNING version
                    """, [.text(id.model), .integer(id.version), .text(stage.rawValue), .integer(now.milliseconds)])
                for other in try archived.map({ try $0.int("version") }).sorted() {
                    try history.record(.stage, of: id.model, version: other, value: "Archived")
                }
            }
            if old.stage != stage {
                try history.record(.stage, of: id.model, version: id.version, value: stage.rawValue)
            }
            try sql.execute(
                "UPDATE model_versions SET stage = $3, updated_at = $4 WHERE name = $1 AND version = $2",
                [.text(id.model), .integer(id.version), .text(stage.rawValue), .integer(now.milliseconds)])
            try Self.touch(sql, id.model, at: now)
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "stage.set", subject: "models/\(id.model)/versions/\(id.version)",
                    before: ["stage": .string(old.stage.rawValue)], after: ["stage": .string(stage.rawValue)]),
                at: now)
            return try Self.version(sql, id)
        }
    }

    /// Removes a version and the aliases that name it. Its number is never used again.
    ///
    /// - Throws: `notFound`, `failedPrecondition` while an endpoint serves it or if one has.
    public func deleteVersion(_ id: ModelVersionID, by actor: Principal) async throws {
        let now = clock.now()
        try await database.write { sql in
            let version = try Self.version(sql, id)
            let served = try sql.row(
                "SELECT role FROM endpoint_variants WHERE name = $1 AND version = $2",
                [.text(id.model), .integer(id.version)])
            if let role = try served?.text("role") {
                throw MartletError.precondition(
                    "Version \(id.version) of '\(id.model)' serves as \(role) and cannot be deleted. Roll out another version, or abort its rollout."
                )
            }
            if try RolloutStore.hasTakenTraffic(sql, id) {
                throw MartletError.precondition(
                    "Version \(id.version) of '\(id.model)' has answered for its endpoint and cannot be deleted: its predictions must stay traceable."
                )
            }
            try AliasRuleStore.require(
                sql, actor, to: "delete version \(id.version) of '\(id.model)'", of: id.model, taking: version.aliases)
            let history = HistoryWriter(sql: sql, actor: actor, time: now)
            for alias in version.aliases { try history.record(.alias, of: id.model, key: alias, value: nil) }
            try history.record(.version, of: id.model, version: id.version, value: nil)
            try sql.execute(
                "DELETE FROM registered_model_aliases WHERE name = $1 AND version = $2",
                [.text(id.model), .integer(id.version)])
            try sql.execute(
                "DELETE FROM model_versions WHERE name = $1 AND version = $2", [.text(id.model), .integer(id.version)])
            try Self.touch(sql, id.model, at: now)
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "version.delete", subject: "models/\(id.model)/versions/\(id.version)",
                    before: [
                        "source": .string(version.source), "aliases": .array(version.aliases.map { .string($0) }),
                    ]),
                at: now)
        }
    }

    public func setVersionTag(_ id: ModelVersionID, key: String, value: String, by actor: Principal) async throws {
        try TrackingLimits.checkTagKey(key)
        let now = clock.now()
        try await database.write { sql in
            _ = try Self.version(sql, id)
            try Self.setVersionTag(
                sql, id, key: key, value: value, HistoryWriter(sql: sql, actor: actor, time: now))
            try WebhookOutbox.post(
                sql, .versionTagSet,
                [
                    "name": .string(id.model), "version": .string(String(id.version)), "key": .string(key),
                    "value": .string(value),
                ], at: now)
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "version.tag", subject: "models/\(id.model)/versions/\(id.version)",
                    after: .object([key: .string(value)])),
                at: now)
        }
    }

    public func deleteVersionTag(_ id: ModelVersionID, key: String, by actor: Principal) async throws {
        let now = clock.now()
        try await database.write { sql in
            _ = try Self.version(sql, id)
            let count = try sql.execute(
                "DELETE FROM model_version_tags WHERE name = $1 AND version = $2 AND key = $3",
                [.text(id.model), .integer(id.version), .text(key)])
            guard count > 0 else { return }
            try HistoryWriter(sql: sql, actor: actor, time: now).record(
                .versionTag, of: id.model, key: key, version: id.version, value: nil)
            try WebhookOutbox.post(
                sql, .versionTagDeleted,
                ["name": .string(id.model), "version": .string(String(id.version)), "key": .string(key)], at: now)
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "version.untag", subject: "models/\(id.model)/versions/\(id.version)",
                    before: .object([key: .null])),
                at: now)
        }
    }

    /// - Parameter detail: basic reads no tags.
    public func searchVersions(
        filter: SearchFilter, order: [SearchOrder], limit: Int, offset: Int, detail: ListDetail = .full
    ) async throws -> SearchPage<ModelVersion> {
        try await database.read { sql in
            var search = SearchSQL(layout: Self.versionLayout)
            try search.add(filter)
            for key in order { try search.add(key) }
            if order.isEmpty { search.order("t.updated_at", ascending: false) }
            search.order("t.name")
            search.order("t.version", ascending: false)
            let statement = try search.select("t.*", limit: limit, offset: offset)
            let items = try sql.rows(statement, search.values).map { try Self.version(sql, row: $0, detail) }
            return SearchSQL.page(items, limit: limit, offset: offset)
        }
    }

    // MARK: inside a transaction

    private static func audited(_ draft: VersionDraft, _ source: VersionSource) -> JSONValue {
        var after: [String: JSONValue] = [
            "source": .string(draft.source), "run_id": source.runID.map { .string($0) } ?? .null,
            "files": .array(source.files.map { ["path": .string($0.path), "digest": .string($0.digest)] }),
        ]
        if let origin = draft.derivedFrom {
            after["derived_from"] = .string("\(origin)")
            after["tags"] = .object(draft.tags.mapValues { .string($0) })
        }
        return .object(after)
    }

    /// A change of its versions is a change of the model.
    private static func touch(_ sql: SQLConnection, _ model: String, at now: Timestamp) throws {
        try sql.execute(
            "UPDATE registered_models SET updated_at = $2 WHERE name = $1", [.text(model), .integer(now.milliseconds)])
    }

    /// As MLflow's server does: the logged model tells its versions in a tag.
    private static func note(_ sql: SQLConnection, _ id: ModelVersionID, on modelID: String) throws {
        let key = "mlflow.modelVersions"
        let row = try sql.row(
            "SELECT value FROM logged_model_tags WHERE model_id = $1 AND key = $2", [.text(modelID), .text(key)])
        let entry = "{\"name\": \(try TextJSON.quoted(id.model)), \"version\": \(id.version)}"
        var list = "[\(entry)]"
        if let old = try row?.text("value"), old.hasPrefix("["), old.hasSuffix("]"), old != "[]" {
            if old.contains(entry) { return }
            list = "\(old.dropLast()), \(entry)]"
        }
        // A list that no longer fits stays as it is: the registry itself has all versions.
        guard list.unicodeScalars.count <= TrackingLimits.tagValueCharactersMax else { return }
        try LoggedModelStore.setTag(sql, id: modelID, key: key, value: list)
    }

    static func version(_ sql: SQLConnection, _ id: ModelVersionID) throws -> ModelVersion {
        let row = try sql.row(
            "SELECT * FROM model_versions WHERE name = $1 AND version = $2", [.text(id.model), .integer(id.version)])
        guard let row else {
            throw MartletError.notFound("Model Version (name=\(id.model), version=\(id.version)) not found")
        }
        return try version(sql, row: row)
    }

    static func version(_ sql: SQLConnection, row: SQLRow, _ detail: ListDetail = .full) throws -> ModelVersion {
        guard let stage = ModelVersion.Stage(rawValue: try row.text("stage")) else {
            throw StorageError(.decoding, "A model version has an unknown stage.")
        }
        var version = ModelVersion(
            id: ModelVersionID(model: try row.text("name"), version: try row.int("version")),
            createdAt: Timestamp(milliseconds: try row.integer("created_at")),
            updatedAt: Timestamp(milliseconds: try row.integer("updated_at")), stage: stage,
            description: try row.optionalText("description"), source: try row.text("source"),
            runID: try row.optionalText("run_id"), runLink: try row.optionalText("run_link"),
            loggedModelID: try row.optionalText("logged_model_id"), artifactRoot: try row.text("artifact_root"),
            createdBy: Principal.ID(rawValue: try row.text("created_by")),
            createdByName: try row.text("created_by_name"))
        version.statusMessage = try row.text("status_message")
        let key: [SQLValue] = [.text(version.id.model), .integer(version.id.version)]
        if detail == .full {
            version.tags = try RunStore.map(
                sql.rows("SELECT key, value FROM model_version_tags WHERE name = $1 AND version = $2", key))
        }
        version.aliases = try sql.rows(
            "SELECT alias FROM registered_model_aliases WHERE name = $1 AND version = $2 ORDER BY alias", key
        ).map { try $0.text("alias") }
        return version
    }

    static func setVersionTag(
        _ sql: SQLConnection, _ id: ModelVersionID, key: String, value: String, _ history: HistoryWriter
    ) throws {
        try TrackingLimits.checkTagKey(key)
        try TrackingLimits.checkLength(value, max: TrackingLimits.registryTagValueCharactersMax, of: "value")
        try sql.execute(
            """
            INSERT INTO model_version_tags (name, version, key, value) VALUES ($1, $2, $3, $4)
            ON CONFLICT (name, version, key) DO UPDATE SET value = excluded.value
            """, [.text(id.model), .integer(id.version), .text(key), .text(value)])
        try history.record(.versionTag, of: id.model, key: key, version: id.version, value: value)
    }
}
