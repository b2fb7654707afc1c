public import Domain

/// Models as MLflow 3 logs them.
public struct LoggedModelStore: Sendable {
    let database: Database
    let clock: any WallClock

    public init(database: Database, clock: any WallClock) {
        self.database = database
        self.clock = clock
    }

    static let layout = SearchSQL.Layout(
        table: "logged_models", identity: ["model_id"],
        columns: [
            "name": "name", "model_id": "model_id", "model_type": "model_type", "status": "status",
            "source_run_id": "source_run_id", "creation_timestamp": "created_at",
            "last_updated_timestamp": "updated_at",
        ],
        tagTable: "logged_model_tags", paramTable: "logged_model_params",
        metricTable: "metric_points")

    /// - Throws: `notFound` for the experiment or the source run, `invalidArgument` for a deleted experiment, a name with
    ///   `/ : . % " '`, or params and tags that a run would refuse.
    public func create(
        experimentID: String, name: String?, modelType: String, sourceRunID: String, params: [String: String],
        tags: [String: String], by actor: Principal
    ) async throws -> LoggedModel {
        let now = clock.now()
        let id = "m-" + RunStore.freshID()
        for (key, value) in params { try TrackingLimits.checkParam(key, value) }
        try TrackingLimits.checkCount(params.count, max: TrackingLimits.batchParamsMax, of: "params")
        try Self.check(tags: tags)
        try Self.check(name: name ?? "")
        let modelName = name.flatMap { $0.isEmpty ? nil : $0 } ?? "model-\(id.suffix(8))"
        return try await database.write { sql in
            let experiment = try ExperimentStore.active(sql, id: experimentID)
            if !sourceRunID.isEmpty { _ = try RunStore.run(sql, id: sourceRunID) }
            try sql.execute(
                """
                INSERT INTO logged_models (model_id, experiment_id, name, model_type, source_run_id, status,
                    artifact_uri, created_at, updated_at, created_by, created_by_name)
                VALUES ($1, $2, $3, $4, $5, 'LOGGED_MODEL_PENDING', $6, $7, $7, $8, $9)
                """,
                [
                    .text(id), .integer(try ExperimentStore.number(experiment.id)), .text(modelName), .text(modelType),
                    .text(sourceRunID), .text("\(experiment.artifactLocation)/models/\(id)/artifacts"),
                    .integer(now.milliseconds), .text(actor.id.rawValue), .text(actor.name),
                ])
            for (key, value) in params { try Self.setParam(sql, id: id, key: key, value: value) }
            for (key, value) in tags { try Self.setTag(sql, id: id, key: key, value: value) }
            return try Self.model(sql, id: id)
        }
    }

    /// - Throws: `notFound`.
    public func model(_ id: String) async throws -> LoggedModel {
        try await database.read { try Self.model($0, id: id) }
    }

    public func finalize(_ id: String, status: LoggedModel.Status) async throws -> LoggedModel {
        let now = clock.now()
        return try await database.write { sql in
            _ = try Self.model(sql, id: id)
            try sql.execute(
                "UPDATE logged_models SET status = $2, updated_at = $3 WHERE model_id = $1",
                [.text(id), .text(status.rawValue), .integer(now.milliseconds)])
            return try Self.model(sql, id: id)
        }
    }

    public func delete(_ id: String, by actor: Principal) async throws {
        let now = clock.now()
        try await database.write { sql in
            _ = try Self.model(sql, id: id)
            try sql.execute(
                "UPDATE logged_models SET deleted = 1, deleted_at = $2 WHERE model_id = $1",
                [.text(id), .integer(now.milliseconds)])
            try sql.appendAudit(
                AuditDraft(actor: actor, action: "logged_model.delete", subject: "logged-models/\(id)"), at: now)
        }
    }

    public func setTags(_ id: String, _ tags: [String: String]) async throws -> LoggedModel {
        try Self.check(tags: tags)
        return try await database.write { sql in
            _ = try Self.model(sql, id: id)
            for (key, value) in tags { try Self.setTag(sql, id: id, key: key, value: value) }
            return try Self.model(sql, id: id)
        }
    }

    /// Everything or nothing; a param that is there with another value refuses the whole batch, as with runs.
    public func logParams(_ id: String, _ params: [String: String]) async throws {
        for (key, value) in params { try TrackingLimits.checkParam(key, value) }
        try TrackingLimits.checkCount(params.count, max: TrackingLimits.batchParamsMax, of: "params")
        try await database.write { sql in
            _ = try Self.model(sql, id: id)
            for (key, value) in params { try Self.setParam(sql, id: id, key: key, value: value) }
        }
    }

    public func deleteTag(_ id: String, key: String) async throws {
        try await database.write { sql in
            _ = try Self.model(sql, id: id)
            let count = try sql.execute(
                "DELETE FROM logged_model_tags WHERE model_id = $1 AND key = $2", [.text(id), .text(key)])
            guard count > 0 else { throw MartletError.notFound("No tag with key \(key) in logged model \(id).") }
        }
    }

    public func search(
        experimentIDs: [String], filter: SearchFilter, order: [SearchOrder], limit: Int, offset: Int
    ) async throws -> SearchPage<LoggedModel> {
        let numbers = try SearchSQL.experiments(experimentIDs)
        guard !numbers.isEmpty else { return SearchPage(items: [], nextOffset: nil) }
        return try await database.read { sql in
            var search = SearchSQL(layout: Self.layout)
            let marks = numbers.map { search.bind(.integer($0)) }.joined(separator: ", ")
            search.require("t.experiment_id IN (\(marks)) AND t.deleted = 0")
            try search.add(filter)
            for key in order { try search.add(key) }
            if order.isEmpty { search.order("t.created_at DESC") }
            search.order("t.model_id ASC")
            let statement = try search.select("DISTINCT t.*", limit: limit, offset: offset)
            let items = try sql.rows(statement, search.values).map { try Self.decode(sql, $0) }
            return SearchSQL.page(items, limit: limit, offset: offset)
        }
    }

    // MARK: inside a transaction

    private static func check(tags: [String: String]) throws {
        for key in tags.keys { try TrackingLimits.checkKey(key, of: "Tag") }
        try TrackingLimits.checkCount(tags.count, max: TrackingLimits.batchTagsMax, of: "tags")
    }

    /// As MLflow has it; an empty name asks for one of the server's making.
    private static func check(name: String) throws {
        try TrackingLimits.checkLength(name, max: TrackingLimits.experimentNameCharactersMax, of: "Model name")
        guard !name.contains(where: { "/:.%\"'".contains($0) }) else {
            throw MartletError.invalid(
                "Invalid model name ('\(name)') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '\"', \"'\")",
                field: "name")
        }
    }

    /// A longer value is cut, as a run's.
    private static func setTag(_ sql: SQLConnection, id: String, key: String, value: String) throws {
        try sql.execute(
            """
            INSERT INTO logged_model_tags (model_id, key, value) VALUES ($1, $2, $3)
            ON CONFLICT (model_id, key) DO UPDATE SET value = excluded.value
            """, [.text(id), .text(key), .text(String(value.prefix(TrackingLimits.tagValueCharactersMax)))])
    }

    private static func setParam(_ sql: SQLConnection, id: String, key: String, value: String) throws {
        let old = try sql.row(
            "SELECT value FROM logged_model_params WHERE model_id = $1 AND key = $2", [.text(id), .text(key)])
        if let old = try old?.text("value") {
            guard old == value else {
                throw MartletError.invalid(
                    "Changing param values is not allowed. Param with key='\(key)' was already logged with value='\(old)' for model ID='\(id)'. Attempted logging new value '\(value)'.",
                    field: key)
            }
            return
        }
        try sql.execute(
            "INSERT INTO logged_model_params (model_id, key, value) VALUES ($1, $2, $3)",
            [.text(id), .text(key), .text(value)])
    }

    static func model(_ sql: SQLConnection, id: String) throws -> LoggedModel {
        let row = try sql.row("SELECT * FROM logged_models WHERE model_id = $1 AND deleted = 0", [.text(id)])
        guard let row else { throw MartletError.notFound("Logged model with ID '\(id)' not found.") }
        return try decode(sql, row)
    }

    private static func decode(_ sql: SQLConnection, _ row: SQLRow) throws -> LoggedModel {
        let id = try row.text("model_id")
        guard let status = LoggedModel.Status(rawValue: try row.text("status")) else {
            throw StorageError(.decoding, "A logged model has an unknown status.")
        }
        var model = LoggedModel(
            id: id, experimentID: String(try row.integer("experiment_id")), name: try row.text("name"),
            modelType: try row.text("model_type"), sourceRunID: try row.text("source_run_id"), status: status,
            artifactURI: try row.text("artifact_uri"),
            createdAt: Timestamp(milliseconds: try row.integer("created_at")),
            updatedAt: Timestamp(milliseconds: try row.integer("updated_at")))
        let key: [SQLValue] = [.text(id)]
        model.tags = try RunStore.map(sql.rows("SELECT key, value FROM logged_model_tags WHERE model_id = $1", key))
        model.params = try RunStore.map(sql.rows("SELECT key, value FROM logged_model_params WHERE model_id = $1", key))
        model.metrics = try sql.rows(
            "SELECT * FROM metric_points WHERE model_id = $1 ORDER BY key, step, timestamp LIMIT 1000", key
        ).map(RunStore.point)
        return model
    }
}
