public import Domain

/// Experiments and their tags.
public struct ExperimentStore: Sendable {
    let database: Database
    let clock: any WallClock

    public init(database: Database, clock: any WallClock) {
        self.database = database
        self.clock = clock
    }

    static let layout = SearchSQL.Layout(
        table: "experiments", identity: ["experiment_id"],
        columns: [
            "name": "name", "experiment_id": "experiment_id", "creation_time": "created_at",
            "last_update_time": "updated_at",
        ],
        tagTable: "experiment_tags")

    /// - Throws: `alreadyExists` if the name is taken, by a deleted experiment too.
    public func create(
        name: String, artifactLocation: String?, tags: [String: String], by actor: Principal
    ) async throws -> String {
        try Self.check(name: name)
        let now = clock.now()
        return try await database.write { sql in
            if try sql.row("SELECT 1 AS one FROM experiments WHERE name = $1", [.text(name)]) != nil {
                throw MartletError(.alreadyExists, "Experiment(name=\(name)) already exists.")
            }
            let row = try sql.row("SELECT max(experiment_id) + 1 AS next FROM experiments")
            let id = try row?.optionalInteger("next") ?? 0
            try sql.execute(
                """
                INSERT INTO experiments (experiment_id, name, artifact_location, created_at, updated_at)
                VALUES ($1, $2, $3, $4, $4)
                """,
                [
                    .integer(id), .text(name), .text(artifactLocation ?? "mlflow-artifacts:/\(id)"),
                    .integer(now.milliseconds),
                ])
            for (key, value) in tags { try Self.setTag(sql, id: id, key: key, value: value) }
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "experiment.create", subject: "experiments/\(id)",
                    after: ["name": .string(name)]),
                at: now)
            return String(id)
        }
    }

    /// - Throws: `notFound`.
    public func experiment(id: String) async throws -> Experiment {
        try await database.read { sql in try Self.experiment(sql, id: Self.number(id)) }
    }

    /// - Throws: `notFound`.
    public func experiment(name: String) async throws -> Experiment {
        try await database.read { sql in
            guard let row = try sql.row("SELECT * FROM experiments WHERE name = $1", [.text(name)]) else {
                throw MartletError.notFound("Could not find experiment with name '\(name)'")
            }
            return try Self.decode(sql, row)
        }
    }

    public func search(
        filter: SearchFilter, order: [SearchOrder], view: ViewType, limit: Int, offset: Int,
        detail: ListDetail = .full
    ) async throws -> SearchPage<Experiment> {
        try await database.read { sql in
            var search = SearchSQL(layout: Self.layout)
            if view != .all { search.require("t.deleted = \(view == .deletedOnly ? 1 : 0)") }
            try search.add(filter)
            for key in order { try search.add(key) }
            if order.isEmpty {
                search.order("t.created_at DESC")
                search.order("t.experiment_id ASC")
            } else {
                search.order("t.experiment_id DESC")
            }
            let statement = try search.select("t.*", limit: limit, offset: offset)
            let items = try sql.rows(statement, search.values).map { try Self.decode(sql, $0, detail) }
            return SearchSQL.page(items, limit: limit, offset: offset)
        }
    }

    /// Marks the experiment and its active runs deleted, or brings them back.
    public func setDeleted(_ isDeleted: Bool, id: String, by actor: Principal) async throws {
        let now = clock.now()
        try await database.write { sql in
            let experiment = try Self.experiment(sql, id: Self.number(id))
            guard experiment.isDeleted != isDeleted else {
                // MLflow looks among the active ones to delete and among the deleted ones to restore.
                throw MartletError.notFound(
                    "No \(isDeleted ? "active" : "deleted") Experiment with id=\(id) exists")
            }
            let values: [SQLValue] = [.bool(isDeleted), .integer(now.milliseconds), .integer(try Self.number(id))]
            try sql.execute("UPDATE experiments SET deleted = $1, updated_at = $2 WHERE experiment_id = $3", values)
            // 2 marks runs deleted with their experiment, so that restoring it brings back just those.
            try sql.execute(
                isDeleted
                    ? "UPDATE runs SET deleted = 2 WHERE experiment_id = $1 AND deleted = 0"
                    : "UPDATE runs SET deleted = 0 WHERE experiment_id = $1 AND deleted = 2",
                [.integer(try Self.number(id))])
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: isDeleted ? "experiment.delete" : "experiment.restore",
                    subject: "experiments/\(id)", before: ["deleted": .bool(!isDeleted)],
                    after: ["deleted": .bool(isDeleted)]),
                at: now)
        }
    }

    public func rename(id: String, to name: String) async throws {
        try Self.check(name: name)
        let now = clock.now()
        try await database.write { sql in
            let experiment = try Self.active(sql, id: id)
            let taken = try sql.row(
                "SELECT 1 AS one FROM experiments WHERE name = $1 AND experiment_id <> $2",
                [.text(name), .integer(try Self.number(experiment.id))])
            if taken != nil { throw MartletError(.alreadyExists, "Experiment(name=\(name)) already exists.") }
            try sql.execute(
                "UPDATE experiments SET name = $1, updated_at = $2 WHERE experiment_id = $3",
                [.text(name), .integer(now.milliseconds), .integer(try Self.number(id))])
        }
    }

    public func setTag(id: String, key: String, value: String) async throws {
        try TrackingLimits.checkTagKey(key)
        let now = clock.now()
        try await database.write { sql in
            let number = try Self.number(try Self.active(sql, id: id).id)
            try Self.setTag(sql, id: number, key: key, value: value)
            try sql.execute(
                "UPDATE experiments SET updated_at = $1 WHERE experiment_id = $2",
                [.integer(now.milliseconds), .integer(number)])
        }
    }

    /// - Throws: `notFound` if there is no such tag.
    public func deleteTag(id: String, key: String) async throws {
        try await database.write { sql in
            let number = try Self.number(try Self.active(sql, id: id).id)
            let count = try sql.execute(
                "DELETE FROM experiment_tags WHERE experiment_id = $1 AND key = $2", [.integer(number), .text(key)])
            guard count > 0 else { throw MartletError.notFound("No tag with name: \(key) in experiment with id \(id)") }
        }
    }

    private static func check(name: String) throws(MartletError) {
        guard !name.isEmpty else { throw .invalid("Invalid experiment name: ''", field: "name") }
        try TrackingLimits.checkLength(name, max: TrackingLimits.experimentNameCharactersMax, of: "name")
    }

    // MARK: inside a transaction

    static func number(_ id: String) throws -> Int64 {
        guard let number = Int64(id), number >= 0 else {
            throw MartletError.notFound("No Experiment with id=\(id) exists")
        }
        return number
    }

    static func active(_ sql: SQLConnection, id: String) throws -> Experiment {
        let found = try experiment(sql, id: number(id))
        guard !found.isDeleted else {
            throw MartletError.invalid("The experiment \(id) must be in the 'active' state. Current state is deleted.")
        }
        return found
    }

    static func experiment(_ sql: SQLConnection, id: Int64) throws -> Experiment {
        guard let row = try sql.row("SELECT * FROM experiments WHERE experiment_id = $1", [.integer(id)]) else {
            throw MartletError.notFound("No Experiment with id=\(id) exists")
        }
        return try decode(sql, row)
    }

    private static func setTag(_ sql: SQLConnection, id: Int64, key: String, value: String) throws {
        try TrackingLimits.checkTagKey(key)
        try TrackingLimits.checkLength(value, max: TrackingLimits.experimentTagValueCharactersMax, of: "value")
        try sql.execute(
            """
            INSERT INTO experiment_tags (experiment_id, key, value) VALUES ($1, $2, $3)
            ON CONFLICT (experiment_id, key) DO UPDATE SET value = excluded.value
            """, [.integer(id), .text(key), .text(value)])
    }

    private static func decode(
        _ sql: SQLConnection, _ row: SQLRow, _ detail: ListDetail = .full
    ) throws -> Experiment {
        let id = try row.integer("experiment_id")
        let tags =
            detail == .basic
            ? [] : try sql.rows("SELECT key, value FROM experiment_tags WHERE experiment_id = $1", [.integer(id)])
        return Experiment(
            id: String(id), name: try row.text("name"), artifactLocation: try row.text("artifact_location"),
            isDeleted: try row.bool("deleted"), createdAt: Timestamp(milliseconds: try row.integer("created_at")),
            updatedAt: Timestamp(milliseconds: try row.integer("updated_at")),
            tags: try RunStore.map(tags))
    }
}
