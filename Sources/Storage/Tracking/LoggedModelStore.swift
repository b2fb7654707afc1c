public import Domain

/// Models as MLflow 3 logs them.
public struct LoggedModelStore: Sendable {
    /// Metrics that one answer gives of a model.
    static let metricsMax = 1_000

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
        metricTable: "logged_model_metrics", metricsAreHistory: true)

    /// - Parameter sourceRunID: as the client says; it need not exist, as in MLflow.
    /// - Throws: `notFound` for the experiment, `invalidArgument` for a deleted experiment, a name with `/ : . % " '`, or params
    ///   and tags that a run would refuse.
    public func create(
        experimentID: String, name: String?, modelType: String, sourceRunID: String, params: [String: String],
        tags: [String: String], by actor: Principal
    ) async throws -> LoggedModel {
        let now = clock.now()
        let id = "m-" + RunStore.freshID()
        let params = try Self.checked(params: params)
        try Self.check(tags: tags)
        try TrackingLimits.checkLength(
            sourceRunID, max: TrackingLimits.userIDCharactersMax, of: "source_run_id")
        try Self.check(name: name ?? "")
        let modelName = name.flatMap { $0.isEmpty ? nil : $0 } ?? GivenName.random()
        return try await database.write { sql in
            let experiment = try ExperimentStore.active(sql, id: experimentID)
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

    /// - Parameter isDeletedToo: whether a deleted one is found.
    /// - Throws: `notFound`.
    public func model(_ id: String, isDeletedToo: Bool = false) async throws -> LoggedModel {
        try await database.read { try Self.model($0, id: id, isDeletedToo: isDeletedToo) }
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
                "UPDATE logged_models SET deleted = 1, deleted_at = $2, updated_at = $2 WHERE model_id = $1",
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
        let params = try Self.checked(params: params)
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
            guard count > 0 else {
                throw MartletError.notFound("No tag with key '\(key)' found for model with ID '\(id)'.")
            }
        }
    }

    // MARK: inside a transaction

    private static func checked(params: [String: String]) throws(MartletError) -> [String: String] {
        try TrackingLimits.checkCount(params.count, max: TrackingLimits.batchParamsMax, of: "params")
        var checked: [String: String] = [:]
        for (key, value) in params { checked[key] = try TrackingLimits.param(key, value) }
        return checked
    }

    private static func check(tags: [String: String]) throws {
        for key in tags.keys { try TrackingLimits.checkTagKey(key) }
        try TrackingLimits.checkCount(tags.count, max: TrackingLimits.batchTagsMax, of: "tags")
    }

    /// As MLflow has it; an empty name asks for one of the server's making.
    private static func check(name: String) throws {
        try TrackingLimits.checkLength(name, max: TrackingLimits.experimentNameCharactersMax, of: "name")
        guard !name.contains(where: { "/:.%\"'".contains($0) }) else {
            throw MartletError.invalid(
                "Invalid model name ('\(name)') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '\"', \"'\")",
                field: "name")
        }
    }

    /// A longer value is cut, as a run's.
    static func setTag(_ sql: SQLConnection, id: String, key: String, value: String) throws {
        try sql.execute(
            """
            INSERT INTO logged_model_tags (model_id, key, value) VALUES ($1, $2, $3)
            ON CONFLICT (model_id, key) DO UPDATE SET value = excluded.value
            """, [.text(id), .text(key), .text(TrackingLimits.cut(value, to: TrackingLimits.tagValueCharactersMax))])
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

    static func model(_ sql: SQLConnection, id: String, isDeletedToo: Bool = false) throws -> LoggedModel {
        let row = try sql.row("SELECT * FROM logged_models WHERE model_id = $1", [.text(id)])
        guard let row, try isDeletedToo || !row.bool("deleted") else {
            throw MartletError.notFound("Logged model with ID '\(id)' not found.")
        }
        return try decode(sql, row)
    }

    static func decode(_ sql: SQLConnection, _ row: SQLRow, _ detail: ListDetail = .full) throws -> LoggedModel {
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
        guard detail == .full else { return model }
        let key: [SQLValue] = [.text(id)]
        model.tags = try RunStore.map(sql.rows("SELECT key, value FROM logged_model_tags WHERE model_id = $1", key))
        model.params = try RunStore.map(sql.rows("SELECT key, value FROM logged_model_params WHERE model_id = $1", key))
        model.metrics = try sql.rows(
            """
            SELECT * FROM logged_model_metrics WHERE model_id = $1 ORDER BY key, step, timestamp, run_id
            LIMIT \(Self.metricsMax)
            """, key
        ).map { row in
            var point = try RunStore.point(row)
            point.modelID = id
            // Empty is none there.
            if point.datasetName?.isEmpty == true { point.datasetName = nil }
            if point.datasetDigest?.isEmpty == true { point.datasetDigest = nil }
            return RunMetric(runID: try row.text("run_id"), point: point)
        }
        return model
    }
}
