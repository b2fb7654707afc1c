public import Domain

extension ImportStore {
    // MARK: experiments

    /// Experiments keep their ids where these are free; one of the same name is taken as the same.
    ///
    /// - Returns: for each the id that it has here.
    public func experiments(
        _ experiments: [Experiment], from source: String, by actor: Principal
    ) async throws -> [ImportOutcome] {
        try Self.check(source, count: experiments.count, max: Self.itemsMax)
        let now = clock.now()
        return try await database.write { sql in
            let outcomes = try experiments.map { try experiment(sql, $0, source: source, at: now) }
            try note(sql, "experiments", count: outcomes.count, source: source, by: actor, at: now)
            return outcomes
        }
    }

    private func experiment(
        _ sql: SQLConnection, _ item: Experiment, source: String, at now: Timestamp
    ) throws -> ImportOutcome {
        let named = try sql.row(
            "SELECT experiment_id, deleted FROM experiments WHERE name = $1", [.text(item.name)])
        let known = try Self.experimentID(sql, source: source, item.id)
        let id: Int64
        if let known {
            id = known
            // The name may have been given to another one here meanwhile.
            let isFree = try named.map { try $0.integer("experiment_id") == known } ?? true
            if isFree {
                try sql.execute(
                    """
                    UPDATE experiments SET name = $2, deleted = $3, updated_at = $4,
                        deleted_at = CASE WHEN $3 = 0 THEN NULL ELSE coalesce(deleted_at, $5) END
                    WHERE experiment_id = $1
                    """,
                    [
                        .integer(known), .text(item.name), .bool(item.isDeleted),
                        .integer(item.updatedAt.milliseconds), .integer(now.milliseconds),
                    ])
            }
        } else if let named {
            guard try !named.bool("deleted") || item.isDeleted else {
                return ImportOutcome(
                    id: item.id, result: .refused,
                    reason:
                        "The name '\(item.name)' is taken by a deleted experiment here. Restore it, or delete it for good with: martlet collect --experiment \(try named.integer("experiment_id")) --older-than 0s"
                )
            }
            id = try named.integer("experiment_id")
        } else {
            id = try insert(sql, item, at: now)
        }
        try sql.execute(
            """
            INSERT INTO imported_experiments (source, source_id, experiment_id) VALUES ($1, $2, $3)
            ON CONFLICT (source, source_id) DO UPDATE SET experiment_id = excluded.experiment_id
            """, [.text(source), .text(item.id), .integer(id)])
        for (key, value) in item.tags {
            try sql.execute(
                """
                INSERT INTO experiment_tags (experiment_id, key, value) VALUES ($1, $2, $3)
                ON CONFLICT (experiment_id, key) DO UPDATE SET value = excluded.value
                """, [.integer(id), .text(key), .text(value)])
        }
        return ImportOutcome(
            id: item.id, newID: String(id), result: known == nil && named == nil ? .created : .updated)
    }

    private func insert(_ sql: SQLConnection, _ item: Experiment, at now: Timestamp) throws -> Int64 {
        let row = try sql.row(
            """
            SELECT max(id) + 1 AS next FROM (
                SELECT max(experiment_id) AS id FROM experiments
                UNION ALL SELECT last_id FROM collected_experiment_ids) AS used
            """)
        var id = try row?.integer("next") ?? 1
        if let wanted = Int64(item.id), wanted >= 0 {
            let taken = try sql.row(
                """
                SELECT 1 AS one FROM experiments WHERE experiment_id = $1
                UNION ALL SELECT 1 AS one FROM collected_experiment_ids WHERE last_id >= $1
                """, [.integer(wanted)])
            if taken == nil { id = wanted }
        }
        try sql.execute(
            """
            INSERT INTO experiments
                (experiment_id, name, artifact_location, deleted, created_at, updated_at, deleted_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [
                .integer(id), .text(item.name), .text("mlflow-artifacts:/\(id)"), .bool(item.isDeleted),
                .integer(item.createdAt.milliseconds), .integer(item.updatedAt.milliseconds),
                item.isDeleted ? .integer(now.milliseconds) : .null,
            ])
        return id
    }

    /// Where an experiment of the source is here; nil if it is not, or not any more.
    static func experimentID(_ sql: SQLConnection, source: String, _ id: String) throws -> Int64? {
        try sql.row(
            """
            SELECT e.experiment_id, e.deleted FROM imported_experiments i
            JOIN experiments e ON e.experiment_id = i.experiment_id
            WHERE i.source = $1 AND i.source_id = $2
            """, [.text(source), .text(id)])?.integer("experiment_id")
    }

    private static func place(_ sql: SQLConnection, source: String, _ id: String) throws -> (id: Int64, row: SQLRow) {
        guard let number = try experimentID(sql, source: source, id),
            let row = try sql.row("SELECT * FROM experiments WHERE experiment_id = $1", [.integer(number)])
        else {
            throw MartletError.precondition("The experiment \(id) of that source is not imported. Import it first.")
        }
        return (number, row)
    }

    // MARK: runs

    /// Runs with params, tags, data sets and links to logged models; metrics come with `points`.
    public func runs(_ runs: [Run], from source: String, by actor: Principal) async throws -> [ImportOutcome] {
        try Self.check(source, count: runs.count, max: Self.itemsMax)
        let now = clock.now()
        return try await database.write { sql in
            let outcomes = try runs.map { try run(sql, $0, source: source, by: actor, at: now) }
            try note(sql, "runs", count: outcomes.count { $0.result == .created }, source: source, by: actor, at: now)
            return outcomes
        }
    }

    private func run(
        _ sql: SQLConnection, _ run: Run, source: String, by actor: Principal, at now: Timestamp
    ) throws -> ImportOutcome {
        let experiment = try Self.place(sql, source: source, run.experimentID)
        let old = try sql.row("SELECT experiment_id FROM runs WHERE run_id = $1", [.text(run.id)])
        if let old, try old.integer("experiment_id") != experiment.id {
            return ImportOutcome(
                id: run.id, result: .refused, reason: "A run of that id is here in another experiment.")
        }
        // 2 marks what comes back with its experiment.
        let deleted = !run.isDeleted ? 0 : try experiment.row.bool("deleted") ? 2 : 1
        let root = "\(try experiment.row.text("artifact_location"))/\(run.id)/artifacts"
        try sql.execute(
            """
            INSERT INTO runs (run_id, experiment_id, name, user_id, status, started_at, ended_at, artifact_uri, deleted,
                deleted_at, created_at, created_by, created_by_name)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            ON CONFLICT (run_id) DO UPDATE SET name = excluded.name, user_id = excluded.user_id,
                status = excluded.status, started_at = excluded.started_at, ended_at = excluded.ended_at,
                deleted = excluded.deleted,
                deleted_at = CASE WHEN excluded.deleted = 0 THEN NULL
                    ELSE coalesce(runs.deleted_at, excluded.deleted_at) END
            """,
            [
                .text(run.id), .integer(experiment.id), .text(run.name), .text(run.userID), .text(run.status.rawValue),
                .integer(run.startedAt?.milliseconds), .integer(run.endedAt?.milliseconds), .text(root),
                .integer(deleted), deleted == 0 ? .null : .integer(now.milliseconds),
                .integer((run.startedAt ?? now).milliseconds), .text(actor.id.rawValue), .text(actor.name),
            ])
        try Self.upsert(sql, "run_params", "run_id", run.id, run.params)
        try Self.upsert(sql, "run_tags", "run_id", run.id, run.tags)
        for (index, dataset) in run.datasets.enumerated() {
            try RunStore.insert(sql, runID: run.id, dataset, at: index)
        }
        for model in run.modelInputs {
            try RunStore.link(sql, runID: run.id, modelID: model, direction: "input", step: 0)
        }
        for model in run.modelOutputs {
            try RunStore.link(sql, runID: run.id, modelID: model.modelID, direction: "output", step: model.step)
        }
        return ImportOutcome(id: run.id, result: old == nil ? .created : .updated)
    }

    /// As the source has it, also where it is longer than this server would take.
    private static func upsert(
        _ sql: SQLConnection, _ table: String, _ key: String, _ id: String, _ pairs: [String: String]
    ) throws {
        for (name, value) in pairs {
            try sql.execute(
                """
                INSERT INTO \(table) (\(key), key, value) VALUES ($1, $2, $3)
                ON CONFLICT (\(key), key) DO UPDATE SET value = excluded.value
                """, [.text(id), .text(name), .text(value)])
        }
    }

    /// Points of one run's metrics; those that are there already stay as they are.
    ///
    /// - Throws: `notFound` for the run.
    public func points(_ points: [MetricPoint], ofRun id: String, from source: String) async throws {
        try Self.check(source, count: points.count, max: Self.pointsMax)
        let now = clock.now()
        try await database.write { sql in
            guard let run = try sql.row("SELECT experiment_id FROM runs WHERE run_id = $1", [.text(id)]) else {
                throw MartletError.notFound("Run with id=\(id) not found")
            }
            try RunStore.insert(
                sql, runID: id, experimentID: try run.integer("experiment_id"), points, loggedAt: now)
        }
    }

    // MARK: logged models

    /// - Returns: for each what became of it.
    public func loggedModels(
        _ models: [(model: LoggedModel, metrics: [(runID: String, point: MetricPoint)])], from source: String,
        by actor: Principal
    ) async throws -> [ImportOutcome] {
        try Self.check(source, count: models.count, max: Self.itemsMax)
        let now = clock.now()
        return try await database.write { sql in
            let outcomes = try models.map { item in
                let outcome = try loggedModel(sql, item.model, source: source, by: actor)
                if outcome.result != .refused {
                    for metric in item.metrics { try measure(sql, metric.runID, metric.point, at: now) }
                }
                return outcome
            }
            try note(
                sql, "logged_models", count: outcomes.count { $0.result == .created }, source: source, by: actor,
                at: now)
            return outcomes
        }
    }

    private func loggedModel(
        _ sql: SQLConnection, _ model: LoggedModel, source: String, by actor: Principal
    ) throws -> ImportOutcome {
        let experiment = try Self.place(sql, source: source, model.experimentID)
        let old = try sql.row("SELECT experiment_id FROM logged_models WHERE model_id = $1", [.text(model.id)])
        if let old, try old.integer("experiment_id") != experiment.id {
            return ImportOutcome(
                id: model.id, result: .refused, reason: "A logged model of that id is here in another experiment.")
        }
        try sql.execute(
            """
            INSERT INTO logged_models (model_id, experiment_id, name, model_type, source_run_id, status, artifact_uri,
                created_at, updated_at, created_by, created_by_name)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            ON CONFLICT (model_id) DO UPDATE SET name = excluded.name, model_type = excluded.model_type,
                source_run_id = excluded.source_run_id, status = excluded.status, updated_at = excluded.updated_at
            """,
            [
                .text(model.id), .integer(experiment.id), .text(model.name), .text(model.modelType),
                .text(model.sourceRunID), .text(model.status.rawValue),
                .text("\(try experiment.row.text("artifact_location"))/models/\(model.id)/artifacts"),
                .integer(model.createdAt.milliseconds), .integer(model.updatedAt.milliseconds),
                .text(actor.id.rawValue), .text(actor.name),
            ])
        try Self.upsert(sql, "logged_model_params", "model_id", model.id, model.params)
        try Self.upsert(sql, "logged_model_tags", "model_id", model.id, model.tags)
        return ImportOutcome(id: model.id, result: old == nil ? .created : .updated)
    }

    /// A point of a logged model is also one of the run that measured it, as long as there is that run.
    private func measure(_ sql: SQLConnection, _ runID: String, _ point: MetricPoint, at now: Timestamp) throws {
        if let run = try sql.row("SELECT experiment_id FROM runs WHERE run_id = $1", [.text(runID)]) {
            try RunStore.insert(
                sql, runID: runID, experimentID: try run.integer("experiment_id"), [point], loggedAt: now)
        } else if let modelID = point.modelID {
            try RunStore.insert(sql, runID: runID, modelID: modelID, point)
        }
    }
}
