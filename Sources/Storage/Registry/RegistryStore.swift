public import Domain
internal import Foundation

/// Registered models, with their tags and aliases. Versions are in `RegistryStore+Versions`.
public struct RegistryStore: Sendable {
    let database: Database
    let clock: any WallClock

    /// Signs each version that is registered; nil leaves them unsigned.
    let signer: ModelSigner?

    public init(database: Database, clock: any WallClock, signer: ModelSigner? = nil) {
        self.database = database
        self.clock = clock
        self.signer = signer
    }

    static let layout = SearchSQL.Layout(
        table: "registered_models", identity: ["name"],
        columns: ["name": "name", "last_updated_timestamp": "updated_at"],
        tagTable: "registered_model_tags")

    /// A name is in Unicode's composed form (NFC), so that names that look alike are one name, in memory as in the database.
    ///
    /// - Throws: `invalidArgument` for a name that is blank, holds `/` or `:`, is `.` or `..`, or is not in that form.
    static func checkName(_ name: String) throws(MartletError) {
        guard !name.allSatisfy(\.isWhitespace) else {
            throw .invalid("Missing value for required parameter 'name'.", field: "name")
        }
        guard !name.contains("/"), !name.contains(":") else {
            throw .invalid("Invalid model name '\(name)'. Names cannot contain '/' or ':'.", field: "name")
        }
        guard name != ".", name != ".." else {
            throw .invalid(
                "Invalid value \"\(name)\" for parameter 'name' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such.",
                field: "name")
        }
        guard name.utf8.elementsEqual(name.precomposedStringWithCanonicalMapping.utf8) else {
            throw .invalid(
                "Invalid model name '\(name)'. Write it in Unicode's composed form (NFC), in which each accented letter is one character.",
                field: "name")
        }
        try TrackingLimits.checkLength(name, max: 256, of: "name")
    }

    /// - Throws: `alreadyExists`.
    public func create(
        name: String, description: String?, tags: [String: String], by actor: Principal
    ) async throws -> RegisteredModel {
        try Self.checkName(name)
        let now = clock.now()
        return try await database.write { sql in
            if try sql.row("SELECT 1 AS one FROM registered_models WHERE name = $1", [.text(name)]) != nil {
                throw MartletError(.alreadyExists, "Registered Model (name=\(name)) already exists.")
            }
            try sql.execute(
                """
                INSERT INTO registered_models (name, description, created_at, updated_at, created_by, created_by_name)
                VALUES ($1, $2, $3, $3, $4, $5)
                """,
                [
                    .text(name), .text(description), .integer(now.milliseconds), .text(actor.id.rawValue),
                    .text(actor.name),
                ])
            let history = HistoryWriter(sql: sql, actor: actor, time: now)
            try history.begin(name)
            if let description { try history.record(.description, of: name, value: description) }
            for (key, value) in tags { try Self.setModelTag(sql, name: name, key: key, value: value, history) }
            try WebhookOutbox.post(
                sql, .modelCreated,
                [
                    "name": .string(name), "tags": .object(tags.mapValues { .string($0) }),
                    "description": .string(description ?? ""),
                ], at: now)
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "model.create", subject: "models/\(name)", after: ["name": .string(name)]),
                at: now)
            return try Self.model(sql, name: name)
        }
    }

    /// - Throws: `notFound`.
    public func model(_ name: String) async throws -> RegisteredModel {
        try await database.read { try Self.model($0, name: name) }
    }

    /// Gives the model another name, which it keeps with all that hangs on it.
    ///
    /// Neither name's version numbers are ever used again for another version: a model made anew under the old name goes on
    /// counting, and a name that has had versions is not given to another model.
    ///
    /// - Throws: `notFound`, `alreadyExists`, `invalidArgument` for a bad name or one that has had versions.
    public func rename(_ name: String, to newName: String, by actor: Principal) async throws -> RegisteredModel {
        try Self.checkName(newName)
        let now = clock.now()
        return try await database.write { sql in
            let model = try Self.model(sql, name: name)
            if try sql.row("SELECT 1 AS one FROM registered_models WHERE name = $1", [.text(newName)]) != nil {
                throw MartletError(.alreadyExists, "Registered Model (name=\(newName)) already exists.")
            }
            let used = "SELECT last_version FROM model_version_counters WHERE name = $1"
            guard try sql.row(used, [.text(newName)]) == nil else {
                throw MartletError.invalid(
                    "The name '\(newName)' has had versions, and version numbers are never used again. Choose another name.",
                    field: "new_name")
            }
            try AliasRuleStore.require(sql, actor, to: "rename '\(name)'", of: name, taking: model.aliases.keys)
            try AliasRuleStore.copy(sql, from: name, to: newName)
            try sql.execute(
                "UPDATE registered_models SET name = $2, updated_at = $3 WHERE name = $1",
                [.text(name), .text(newName), .integer(now.milliseconds)])
            try sql.execute(
                """
                INSERT INTO model_version_counters (name, last_version)
                SELECT $2, last_version FROM model_version_counters WHERE name = $1
                """, [.text(name), .text(newName)])
            try HistoryWriter(sql: sql, actor: actor, time: now).rename(name, to: newName)
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "model.rename", subject: "models/\(name)", before: ["name": .string(name)],
                    after: ["name": .string(newName)]),
                at: now)
            return try Self.model(sql, name: newName)
        }
    }

    public func update(_ name: String, description: String?, by actor: Principal) async throws -> RegisteredModel {
        let now = clock.now()
        return try await database.write { sql in
            _ = try Self.model(sql, name: name)
            try sql.execute(
                "UPDATE registered_models SET description = $2, updated_at = $3 WHERE name = $1",
                [.text(name), .text(description), .integer(now.milliseconds)])
            try HistoryWriter(sql: sql, actor: actor, time: now).record(.description, of: name, value: description)
            return try Self.model(sql, name: name)
        }
    }

    /// Removes the model with all its versions. The blobs stay; the audit chain keeps that it was; a model made anew under its
    /// name goes on counting versions where it ended.
    ///
    /// - Throws: `notFound`, `failedPrecondition` for a model with an endpoint.
    public func delete(_ name: String, by actor: Principal) async throws {
        let now = clock.now()
        try await database.write { sql in
            let model = try Self.model(sql, name: name)
            if try sql.row("SELECT 1 AS one FROM endpoints WHERE name = $1", [.text(name)]) != nil {
                throw MartletError.precondition(
                    "'\(name)' has an endpoint that serves it or has served it, so it cannot be deleted: its traffic must stay traceable."
                )
            }
            try AliasRuleStore.require(sql, actor, to: "delete '\(name)'", of: name, taking: model.aliases.keys)
            try HistoryWriter(sql: sql, actor: actor, time: now).end(name)
            try sql.execute("DELETE FROM registered_models WHERE name = $1", [.text(name)])
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "model.delete", subject: "models/\(name)",
                    before: ["name": .string(name), "description": model.description.map { .string($0) } ?? .null]),
                at: now)
        }
    }

    /// - Parameter detail: basic reads no tags and latest versions.
    public func search(
        filter: SearchFilter, order: [SearchOrder], limit: Int, offset: Int, detail: ListDetail = .full
    ) async throws -> SearchPage<RegisteredModel> {
        try await database.read { sql in
            var search = SearchSQL(layout: Self.layout)
            try search.add(filter)
            for key in order { try search.add(key) }
            search.order("t.name")
            let statement = try search.select("t.name", limit: limit, offset: offset)
            let items = try sql.rows(statement, search.values).map {
                try Self.model(sql, name: try $0.text("name"), detail)
            }
            return SearchSQL.page(items, limit: limit, offset: offset)
        }
    }

    public func setTag(_ name: String, key: String, value: String, by actor: Principal) async throws {
        try TrackingLimits.checkTagKey(key)
        let now = clock.now()
        try await database.write { sql in
            _ = try Self.model(sql, name: name)
            try Self.setModelTag(
                sql, name: name, key: key, value: value, HistoryWriter(sql: sql, actor: actor, time: now))
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "model.tag", subject: "models/\(name)", after: .object([key: .string(value)])),
                at: now)
        }
    }

    public func deleteTag(_ name: String, key: String, by actor: Principal) async throws {
        let now = clock.now()
        try await database.write { sql in
            _ = try Self.model(sql, name: name)
            try sql.execute(
                "DELETE FROM registered_model_tags WHERE name = $1 AND key = $2", [.text(name), .text(key)])
            try HistoryWriter(sql: sql, actor: actor, time: now).record(.tag, of: name, key: key, value: nil)
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "model.untag", subject: "models/\(name)", before: .object([key: .null])),
                at: now)
        }
    }

    // MARK: aliases

    /// - Throws: `invalidArgument` for `latest`, `v1` and characters other than letters, digits, `_` and `-`.
    static func checkAlias(_ alias: String) throws(MartletError) {
        guard !alias.isEmpty else { throw .invalid("Registered model alias name cannot be empty.", field: "alias") }
        let isLegal = alias.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "_" || $0 == "-"
        }
        guard isLegal else {
            throw .invalid(
                "Invalid alias name: '\(alias)'. Names may only contain alphanumerics, underscores (_), and dashes (-).",
                field: "alias")
        }
        try TrackingLimits.checkLength(
            alias, max: TrackingLimits.aliasCharactersMax, of: "Registered model alias name")
        let lower = alias.lowercased()
        guard lower != "latest" else {
            throw .invalid("'latest' alias name (case insensitive) is reserved.", field: "alias")
        }
        guard !(lower.hasPrefix("v") && lower.count > 1 && lower.dropFirst().allSatisfy(\.isNumber)) else {
            throw .invalid("Version alias name '\(alias)' is reserved.", field: "alias")
        }
    }

    /// The caller has asked the champion guard already.
    ///
    /// - Throws: `permissionDenied` for an alias whose rule names others.
    public func setAlias(_ name: String, alias: String, version: Int, by actor: Principal) async throws {
        try Self.checkAlias(alias)
        let now = clock.now()
        try await database.write {
            try AliasRuleStore.require($0, actor, toMove: alias, of: name)
            try Self.setAlias($0, name: name, alias: alias, version: version, by: actor, at: now)
        }
    }

    public func deleteAlias(_ name: String, alias: String, by actor: Principal) async throws {
        let now = clock.now()
        try await database.write { sql in
            let model = try Self.model(sql, name: name)
            try AliasRuleStore.require(sql, actor, toMove: alias, of: name)
            try sql.execute(
                "DELETE FROM registered_model_aliases WHERE name = $1 AND alias = $2", [.text(name), .text(alias)])
            try HistoryWriter(sql: sql, actor: actor, time: now).record(.alias, of: name, key: alias, value: nil)
            guard let version = model.aliases[alias] else { return }
            try WebhookOutbox.post(
                sql, .aliasDeleted, ["name": .string(name), "alias": .string(alias)], at: now)
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "alias.delete", subject: "models/\(name)/aliases/\(alias)",
                    before: ["version": .int(Int64(version))]),
                at: now)
        }
    }

    // MARK: inside a transaction

    /// Sets an alias, appends the audit event and the entry of its history; for the rollout controller's own transaction too.
    public static func setAlias(
        _ sql: SQLConnection, name: String, alias: String, version: Int, by actor: Principal, at now: Timestamp,
        origin: RegistryChange.Origin = .change
    ) throws {
        let model = try model(sql, name: name)
        _ = try self.version(sql, ModelVersionID(model: name, version: version))
        try sql.execute(
            """
            INSERT INTO registered_model_aliases (name, alias, version) VALUES ($1, $2, $3)
            ON CONFLICT (name, alias) DO UPDATE SET version = excluded.version
            """, [.text(name), .text(alias), .integer(version)])
        try HistoryWriter(sql: sql, actor: actor, time: now, origin: origin).record(
            .alias, of: name, key: alias, value: String(version))
        try WebhookOutbox.post(
            sql, .aliasCreated,
            ["name": .string(name), "alias": .string(alias), "version": .string(String(version))], at: now)
        try sql.appendAudit(
            AuditDraft(
                actor: actor, action: "alias.set", subject: "models/\(name)/aliases/\(alias)",
                before: model.aliases[alias].map { ["version": .int(Int64($0))] } ?? .null,
                after: ["version": .int(Int64(version))]),
            at: now)
    }

    static func setModelTag(
        _ sql: SQLConnection, name: String, key: String, value: String, _ history: HistoryWriter
    ) throws {
        try TrackingLimits.checkTagKey(key)
        try TrackingLimits.checkLength(value, max: TrackingLimits.registryTagValueCharactersMax, of: "value")
        try sql.execute(
            """
            INSERT INTO registered_model_tags (name, key, value) VALUES ($1, $2, $3)
            ON CONFLICT (name, key) DO UPDATE SET value = excluded.value
            """, [.text(name), .text(key), .text(value)])
        try history.record(.tag, of: name, key: key, value: value)
    }

    static func model(
        _ sql: SQLConnection, name: String, _ detail: ListDetail = .full
    ) throws -> RegisteredModel {
        guard let row = try sql.row("SELECT * FROM registered_models WHERE name = $1", [.text(name)]) else {
            throw MartletError.notFound("Registered Model with name=\(name) not found")
        }
        var model = RegisteredModel(
            name: name, description: try row.optionalText("description"),
            createdAt: Timestamp(milliseconds: try row.integer("created_at")),
            updatedAt: Timestamp(milliseconds: try row.integer("updated_at")))
        let aliases = try sql.rows("SELECT alias, version FROM registered_model_aliases WHERE name = $1", [.text(name)])
        model.aliases = Dictionary(try aliases.map { (try $0.text("alias"), try $0.int("version")) }) { $1 }
        guard detail == .full else { return model }
        model.tags = try RunStore.map(
            sql.rows("SELECT key, value FROM registered_model_tags WHERE name = $1", [.text(name)]))
        model.latestVersions = try sql.rows(
            """
            SELECT v.* FROM model_versions v JOIN (
                SELECT stage, max(version) AS newest FROM model_versions WHERE name = $1 GROUP BY stage
            ) n ON n.stage = v.stage AND n.newest = v.version WHERE v.name = $1 ORDER BY v.version
            """, [.text(name)]
        ).map { try version(sql, row: $0) }
        return model
    }
}
