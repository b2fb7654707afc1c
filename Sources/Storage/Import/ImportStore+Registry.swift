public import Domain

extension ImportStore {
    /// Registered models with descriptions and tags; their aliases come after their versions, with `aliases`.
    public func registeredModels(
        _ models: [RegisteredModel], from source: String, by actor: Principal
    ) async throws -> [ImportOutcome] {
        try Self.check(source, count: models.count, max: Self.itemsMax)
        let now = clock.now()
        return try await database.write { sql in
            try models.map { try registeredModel(sql, $0, source: source, by: actor, at: now) }
        }
    }

    private func registeredModel(
        _ sql: SQLConnection, _ model: RegisteredModel, source: String, by actor: Principal, at now: Timestamp
    ) throws -> ImportOutcome {
        do { try RegistryStore.checkName(model.name) } catch {
            return ImportOutcome(id: model.name, result: .refused, reason: error.message)
        }
        let history = HistoryWriter(sql: sql, actor: actor, time: now, origin: .import)
        let isThere = try sql.row("SELECT 1 AS one FROM registered_models WHERE name = $1", [.text(model.name)]) != nil
        if !isThere {
            try sql.execute(
                """
                INSERT INTO registered_models (name, created_at, updated_at, created_by, created_by_name)
                VALUES ($1, $2, $3, $4, $5)
                """,
                [
                    .text(model.name), .integer(model.createdAt.milliseconds),
                    .integer(model.updatedAt.milliseconds), .text(actor.id.rawValue), .text(actor.name),
                ])
            try history.begin(model.name)
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "model.import", subject: "models/\(model.name)",
                    after: ["source": .string(source)]),
                at: now)
        }
        var kept: [String] = []
        if let description = model.description {
            if try history.isOurs(.description, of: model.name) {
                try sql.execute(
                    "UPDATE registered_models SET description = $2 WHERE name = $1",
                    [.text(model.name), .text(description)])
                try history.record(.description, of: model.name, value: description)
            } else {
                kept.append("description")
            }
        }
        for (key, value) in model.tags {
            guard try history.isOurs(.tag, of: model.name, key: key) else {
                kept.append("tag \(key)")
                continue
            }
            try sql.execute(
                """
                INSERT INTO registered_model_tags (name, key, value) VALUES ($1, $2, $3)
                ON CONFLICT (name, key) DO UPDATE SET value = excluded.value
                """, [.text(model.name), .text(key), .text(value)])
            try history.record(.tag, of: model.name, key: key, value: value)
        }
        return ImportOutcome(
            id: model.name, result: isThere ? .updated : .created, reason: Self.changedHere(kept))
    }

    static func changedHere(_ kept: [String]) -> String? {
        kept.isEmpty ? nil : "Changed here since, and left so: \(kept.sorted().joined(separator: ", "))."
    }

    // MARK: versions

    /// Versions with their numbers. Their runs, logged models and artifacts come before them.
    public func versions(
        _ versions: [ModelVersion], from source: String, by actor: Principal
    ) async throws -> [ImportOutcome] {
        try Self.check(source, count: versions.count, max: Self.itemsMax)
        let now = clock.now()
        var outcomes: [ImportOutcome] = []
        for version in versions {
            // Each in its own transaction: a version may have 10,000 files.
            outcomes.append(
                try await database.write { try self.version($0, version, source: source, by: actor, at: now) })
        }
        return outcomes
    }

    private func version(
        _ sql: SQLConnection, _ item: ModelVersion, source: String, by actor: Principal, at now: Timestamp
    ) throws -> ImportOutcome {
        let name = "\(item.id.model)/\(item.id.version)"
        let key: [SQLValue] = [.text(item.id.model), .integer(item.id.version)]
        let old = try sql.row("SELECT * FROM model_versions WHERE name = $1 AND version = $2", key)
        if let old {
            guard try old.integer("created_at") == item.createdAt.milliseconds,
                try old.optionalText("run_id") == item.runID || old.text("artifact_root") != ""
            else {
                return ImportOutcome(
                    id: name, result: .refused, reason: "Another version of that number is registered here.")
            }
            return ImportOutcome(
                id: name, result: .updated,
                reason: Self.changedHere(try mutable(sql, item, by: actor, at: now)))
        }
        _ = try RegistryStore.model(sql, name: item.id.model)
        let files = try resolve(sql, item, source: source)
        try insert(sql, item, files, by: actor, at: now)
        let history = HistoryWriter(sql: sql, actor: actor, time: now, origin: .import)
        try history.record(.version, of: item.id.model, version: item.id.version, value: files.address)
        _ = try mutable(sql, item, by: actor, at: now)
        try sql.appendAudit(
            AuditDraft(
                actor: actor, action: "version.import",
                subject: "models/\(item.id.model)/versions/\(item.id.version)",
                after: [
                    "source": .string(files.address), "server": .string(source),
                    "run_id": files.source.runID.map { .string($0) } ?? .null,
                    "files": .array(
                        files.source.files.map { ["path": .string($0.path), "digest": .string($0.digest)] }),
                ]),
            at: now)
        let isWhole = !files.source.files.isEmpty
        if let signer, isWhole {
            try SignatureStore.sign(sql, item.id, files.source.files, with: signer, by: actor, at: now)
        }
        return ImportOutcome(
            id: name, result: isWhole ? .created : .withoutFiles, reason: isWhole ? nil : files.source.message)
    }

    private func insert(
        _ sql: SQLConnection, _ item: ModelVersion, _ files: (source: VersionSource, address: String),
        by actor: Principal, at now: Timestamp
    ) throws {
        let key: [SQLValue] = [.text(item.id.model), .integer(item.id.version)]
        try sql.execute(
            """
            INSERT INTO model_version_counters (name, last_version) VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE SET last_version = CASE
                WHEN excluded.last_version > model_version_counters.last_version THEN excluded.last_version
                ELSE model_version_counters.last_version END
            """, key)
        try sql.execute(
            """
            INSERT INTO model_versions (name, version, created_at, updated_at, stage, source, run_id, run_link,
                logged_model_id, artifact_root, created_by, created_by_name, status_message)
            VALUES ($1, $2, $3, $4, 'None', $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            key + [
                .integer(item.createdAt.milliseconds), .integer(item.updatedAt.milliseconds), .text(files.address),
                .text(files.source.runID ?? item.runID), .text(item.runLink), .text(files.source.loggedModelID),
                .text(files.source.artifactRoot), .text(actor.id.rawValue), .text(actor.name),
                .text(files.source.message),
            ])
        for author in files.source.authors.union([actor.id.rawValue]) {
            try sql.execute(
                "INSERT INTO model_version_authors (name, version, principal_id) VALUES ($1, $2, $3)",
                key + [.text(author)])
        }
        for file in files.source.files {
            try sql.execute(
                "INSERT INTO model_version_files (name, version, path, digest, bytes) VALUES ($1, $2, $3, $4, $5)",
                key + [.text(file.path), .text(file.digest), .integer(file.bytes)])
        }
    }

    /// Description, stage and tags, where nobody changed them here.
    ///
    /// - Returns: what was changed here.
    private func mutable(
        _ sql: SQLConnection, _ item: ModelVersion, by actor: Principal, at now: Timestamp
    ) throws -> [String] {
        let history = HistoryWriter(sql: sql, actor: actor, time: now, origin: .import)
        let (model, number) = (item.id.model, item.id.version)
        let key: [SQLValue] = [.text(model), .integer(number)]
        var kept: [String] = []
        func take(_ kind: RegistryChange.Kind, _ name: String, _ value: String, _ statement: String) throws {
            let tag = kind == .versionTag ? name : ""
            guard try history.isOurs(kind, of: model, key: tag, version: number) else { return kept.append(name) }
            try sql.execute(statement, key + (kind == .versionTag ? [.text(name)] : []) + [.text(value)])
            try history.record(kind, of: model, key: tag, version: number, value: value)
        }
        if let description = item.description {
            try take(
                .versionDescription, "description", description,
                "UPDATE model_versions SET description = $3 WHERE name = $1 AND version = $2")
        }
        let stage = try sql.row("SELECT stage FROM model_versions WHERE name = $1 AND version = $2", key)
        if try stage?.text("stage") != item.stage.rawValue {
            try take(
                .stage, "stage", item.stage.rawValue,
                "UPDATE model_versions SET stage = $3 WHERE name = $1 AND version = $2")
        }
        for (name, value) in item.tags {
            try take(
                .versionTag, name, value,
                """
                INSERT INTO model_version_tags (name, version, key, value) VALUES ($1, $2, $3, $4)
                ON CONFLICT (name, version, key) DO UPDATE SET value = excluded.value
                """)
        }
        return kept
    }

    /// Where the version's files are here, and the address that clients see.
    private func resolve(
        _ sql: SQLConnection, _ item: ModelVersion, source: String
    ) throws -> (source: VersionSource, address: String) {
        var address = item.source
        if let path = ArtifactPath.path(uri: item.source) {
            var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            if let first = parts.first, let id = try Self.experimentID(sql, source: source, first) {
                parts[0] = String(id)
            }
            address = "mlflow-artifacts:/" + parts.joined(separator: "/")
        }
        do {
            let draft = RegistryStore.VersionDraft(
                name: item.id.model, source: address, runID: nil, loggedModelID: nil, runLink: nil, description: nil,
                tags: [:])
            return (try VersionSource.resolve(sql, draft), address)
        } catch let error as MartletError where [.invalidArgument, .notFound].contains(error.code) {
            let message =
                "Its files were not at the server that it was imported from, so it cannot be served: \(error.message)"
            return (
                VersionSource(
                    runID: item.runID, loggedModelID: item.loggedModelID, artifactRoot: "", files: [],
                    message: message), address
            )
        }
    }

    // MARK: aliases

    /// Aliases of one model. One that was moved here, is protected, or is a governed champion stays as it is.
    ///
    /// - Parameter isChampion: whether only a rollout moves an alias.
    public func aliases(
        of model: String, _ aliases: [String: Int], from source: String, by actor: Principal,
        isChampion: @escaping @Sendable (String) -> Bool
    ) async throws -> [ImportOutcome] {
        try Self.check(source, count: aliases.count, max: Self.itemsMax)
        let now = clock.now()
        return try await database.write { sql in
            let current = try RegistryStore.model(sql, name: model).aliases
            let history = HistoryWriter(sql: sql, actor: actor, time: now, origin: .import)
            return try aliases.sorted { $0.key < $1.key }.map { alias, version in
                let id = "\(model)@\(alias)"
                if current[alias] == version { return ImportOutcome(id: id, result: .updated) }
                guard !isChampion(alias) else {
                    return ImportOutcome(
                        id: id, result: .refused, reason: "A policy governs the model: its rollout moves this alias.")
                }
                guard try history.isOurs(.alias, of: model, key: alias) else {
                    return ImportOutcome(id: id, result: .refused, reason: "It was moved here since, and left so.")
                }
                do {
                    try RegistryStore.checkAlias(alias)
                    try AliasRuleStore.require(sql, actor, toMove: alias, of: model)
                    try RegistryStore.setAlias(
                        sql, name: model, alias: alias, version: version, by: actor, at: now, origin: .import)
                } catch let error as MartletError {
                    return ImportOutcome(id: id, result: .refused, reason: error.message)
                }
                return ImportOutcome(id: id, result: current[alias] == nil ? .created : .updated)
            }
        }
    }
}

extension HistoryWriter {
    /// Whether the newest word on something came by import, or there is none yet.
    func isOurs(
        _ kind: RegistryChange.Kind, of model: String, key: String = "", version: Int? = nil
    ) throws -> Bool {
        let origin = try newestOrigin(kind, of: model, key: key, version: version)
        return origin == nil || origin == .import
    }
}
