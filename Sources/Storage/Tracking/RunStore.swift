public import Domain

/// Runs: life cycle, params, tags, data sets. Metrics are in `RunStore+Metrics`, searches in `RunStore+Search`.
public struct RunStore: Sendable {
    let database: Database
    let clock: any WallClock

    public init(database: Database, clock: any WallClock) {
        self.database = database
        self.clock = clock
    }

    var inbox: MetricInbox { MetricInbox(database: database, clock: clock) }

    /// 32 lower-case hexadecimal digits, all of them random.
    static func freshID() -> String {
        var random = SystemRandomNumberGenerator()
        let table = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: 32) { text in
            for half in 0..<2 {
                var bits = random.next()
                for place in 0..<16 {
                    text[half * 16 + place] = table[Int(bits & 15)]
                    bits >>= 4
                }
            }
            return 32
        }
    }

    /// - Throws: `notFound` for the experiment, `invalidArgument` if it is deleted.
    public func create(
        experimentID: String, userID: String, name: String?, startedAt: Timestamp?, tags: [String: String],
        by actor: Principal
    ) async throws -> Run {
        let now = clock.now()
        let id = Self.freshID()
        var tags = tags
        for key in tags.keys { try TrackingLimits.checkTagKey(key) }
        try TrackingLimits.checkLength(userID, max: TrackingLimits.userIDCharactersMax, of: "user_id")
        let runName = try Self.runName(name, tags) ?? GivenName.random()
        try TrackingLimits.checkLength(runName, max: TrackingLimits.runNameCharactersMax, of: "run_name")
        tags["mlflow.runName"] = runName
        let allTags = tags.mapValues(TrackingLimits.cutTagValue)
        return try await database.write { sql in
            let experiment = try ExperimentStore.active(sql, id: experimentID)
            var run = Run(
                id: id, experimentID: experiment.id, name: runName, userID: userID, status: .running,
                startedAt: startedAt ?? now, endedAt: nil,
                artifactURI: "\(experiment.artifactLocation)/\(id)/artifacts", isDeleted: false)
            run.tags = allTags
            try Self.insert(sql, run, by: actor, at: now)
            return run
        }
    }

    /// A new run with its tags.
    static func insert(_ sql: SQLConnection, _ run: Run, by actor: Principal, at now: Timestamp) throws {
        try sql.execute(
            """
            INSERT INTO runs (run_id, experiment_id, name, user_id, status, started_at, ended_at, artifact_uri, created_at,
                created_by, created_by_name)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            [
                .text(run.id), .integer(try ExperimentStore.number(run.experimentID)), .text(run.name),
                .text(run.userID), .text(run.status.rawValue), .integer(run.startedAt?.milliseconds),
                .integer(run.endedAt?.milliseconds), .text(run.artifactURI), .integer(now.milliseconds),
                .text(actor.id.rawValue), .text(actor.name),
            ])
        for (key, value) in run.tags {
            try sql.execute(
                "INSERT INTO run_tags (run_id, key, value) VALUES ($1, $2, $3)",
                [.text(run.id), .text(key), .text(value)])
        }
        try OpenLineageOutbox.note(sql, .runStarted, run.id, at: now)
    }

    /// - Throws: `invalidArgument` if the argument and the tag differ.
    private static func runName(_ name: String?, _ tags: [String: String]) throws(MartletError) -> String? {
        let named = name.flatMap { $0.isEmpty ? nil : $0 }
        let tagged = tags["mlflow.runName"].flatMap { $0.isEmpty ? nil : $0 }
        if let named, let tagged, named != tagged {
            throw .invalid(
                "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='\(named)', mlflow.runName='\(tagged)').",
                field: "run_name")
        }
        return named ?? tagged
    }

    /// - Throws: `notFound`.
    public func run(_ id: String) async throws -> Run {
        try await database.readBriefly { try Self.run($0, id: id) }
    }

    public func update(
        _ id: String, status: Run.Status?, endedAt: Timestamp?, name: String?
    ) async throws -> Run {
        // An empty name changes nothing, as in MLflow.
        let name = name.flatMap { $0.isEmpty ? nil : $0 }
        if let name { try TrackingLimits.checkLength(name, max: TrackingLimits.runNameCharactersMax, of: "run_name") }
        let now = clock.now()
        return try await database.write { sql in
            let before = try Self.active(sql, id: id)
            if let status, status.isFinal, try before.text("status") != status.rawValue {
                try OpenLineageOutbox.note(sql, .runEnded, id, at: now)
            }
            try sql.execute(
                """
                UPDATE runs SET status = coalesce($2, status), ended_at = coalesce($3, ended_at),
                    name = coalesce($4, name) WHERE run_id = $1
                """,
                [.text(id), .text(status?.rawValue), .integer(endedAt?.milliseconds), .text(name)])
            if let name { try Self.setTag(sql, runID: id, key: "mlflow.runName", value: name) }
            return try Self.run(sql, id: id)
        }
    }

    /// Marks a run deleted, or brings it back.
    ///
    /// - Throws: `notFound`; `invalidArgument` for bringing a run back whose experiment is deleted.
    public func setDeleted(_ isDeleted: Bool, id: String, by actor: Principal) async throws {
        let now = clock.now()
        try await database.write { sql in
            let run = try Self.run(sql, id: id)
            guard run.isDeleted != isDeleted else { return }
            try CollectionMark.refuse(sql, run: id)
            if !isDeleted { _ = try ExperimentStore.active(sql, id: run.experimentID) }
            try sql.execute(
                "UPDATE runs SET deleted = $1, deleted_at = $3 WHERE run_id = $2",
                [.bool(isDeleted), .text(id), isDeleted ? .integer(now.milliseconds) : .null])
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: isDeleted ? "run.delete" : "run.restore", subject: "runs/\(id)",
                    before: ["deleted": .bool(run.isDeleted)], after: ["deleted": .bool(isDeleted)]),
                at: now)
        }
    }

    /// Everything or nothing: a param that changes, or a bad key, refuses the whole batch.
    ///
    /// - Parameter isBatch: whether messages name the place of a value in its list.
    public func log(
        _ id: String, metrics: [MetricPoint], params: [(key: String, value: String)],
        tags: [(key: String, value: String)], isBatch: Bool = true
    ) async throws {
        for (index, metric) in metrics.enumerated() { try TrackingLimits.check(metric, at: isBatch ? index : nil) }
        let params = try params.enumerated().map { index, param in
            let value = try TrackingLimits.param(param.key, param.value, at: isBatch ? index : nil)
            return (key: param.key, value: value)
        }
        for (index, tag) in tags.enumerated() { try TrackingLimits.checkTagKey(tag.key, at: isBatch ? index : nil) }
        try Self.checkUnique(params.map(\.key))
        let now = clock.now()
        try await database.write { sql in
            let experimentID = try Self.active(sql, id: id).integer("experiment_id")
            for param in params { try Self.setParam(sql, runID: id, key: param.key, value: param.value) }
            if try !MetricInbox.take(sql, runID: id, experimentID: experimentID, metrics, at: now) {
                try Self.insert(sql, runID: id, experimentID: experimentID, metrics, loggedAt: now)
            }
            for tag in tags { try Self.setTag(sql, runID: id, key: tag.key, value: tag.value) }
        }
    }

    /// - Throws: `notFound` if there is no such tag.
    public func deleteTag(_ id: String, key: String) async throws {
        try await database.write { sql in
            _ = try Self.active(sql, id: id)
            let count = try sql.execute("DELETE FROM run_tags WHERE run_id = $1 AND key = $2", [.text(id), .text(key)])
            guard count > 0 else { throw MartletError.notFound("No tag with name: \(key) in run with id \(id)") }
        }
    }

    /// - Throws: `notFound`, `invalidArgument` for a deleted run, or for more or larger data sets than MLflow takes.
    public func logInputs(_ id: String, datasets: [DatasetInput], models: [String]) async throws {
        for dataset in datasets { try TrackingLimits.check(dataset) }
        try await database.write { sql in
            _ = try Self.active(sql, id: id)
            for (index, dataset) in datasets.enumerated() { try Self.insert(sql, runID: id, dataset, at: index) }
            for model in models { try Self.link(sql, runID: id, modelID: model, direction: "input", step: 0) }
        }
    }

    public func logOutputs(_ id: String, models: [ModelOutput]) async throws {
        try await database.write { sql in
            _ = try Self.active(sql, id: id)
            for model in models {
                try Self.link(sql, runID: id, modelID: model.modelID, direction: "output", step: model.step)
            }
        }
    }

    /// Byte by byte, as the database tells keys apart.
    private static func checkUnique(_ keys: [String]) throws(MartletError) {
        var seen: Set<[UInt8]> = []
        let repeated = keys.filter { !seen.insert(Array($0.utf8)).inserted }
        guard !repeated.isEmpty else { return }
        throw .invalid(
            "Duplicate parameter keys have been submitted: \(repeated.prefix(10)). Please ensure the request contains only one param value per param key.",
            field: "params")
    }

    // MARK: inside a transaction

    static func insert(_ sql: SQLConnection, runID: String, _ dataset: DatasetInput, at position: Int) throws {
        try sql.execute(
            """
            INSERT INTO run_datasets
                (run_id, position, name, digest, source_type, source, schema, profile, context, tags, dataset_uri)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            ON CONFLICT (run_id, name, digest) DO NOTHING
            """,
            [
                .text(runID), .integer(position), .text(dataset.name), .text(dataset.digest),
                .text(dataset.sourceType), .text(dataset.source), .text(dataset.schema), .text(dataset.profile),
                .text(dataset.tags["mlflow.data.context"]), .text(try TextJSON.encode(dataset.tags)),
                .text(DatasetURI.key(source: dataset.source)),
            ])
    }

    static func link(
        _ sql: SQLConnection, runID: String, modelID: String, direction: String, step: Int64
    ) throws {
        try sql.execute(
            """
            INSERT INTO run_models (run_id, model_id, direction, step) VALUES ($1, $2, $3, $4)
            ON CONFLICT (run_id, model_id, direction) DO UPDATE SET step = excluded.step
            """, [.text(runID), .text(modelID), .text(direction), .integer(step)])
    }

    static func setTag(_ sql: SQLConnection, runID: String, key: String, value: String) throws {
        try sql.execute(
            """
            INSERT INTO run_tags (run_id, key, value) VALUES ($1, $2, $3)
            ON CONFLICT (run_id, key) DO UPDATE SET value = excluded.value
            """, [.text(runID), .text(key), .text(TrackingLimits.cutTagValue(value))])
        if key == "mlflow.runName" {
            try sql.execute("UPDATE runs SET name = $2 WHERE run_id = $1", [.text(runID), .text(value)])
        }
    }

    private static func setParam(_ sql: SQLConnection, runID: String, key: String, value: String) throws {
        let old = try sql.row(
            "SELECT value FROM run_params WHERE run_id = $1 AND key = $2", [.text(runID), .text(key)])
        if let old = try old?.text("value") {
            guard old == value else {
                throw MartletError.invalid(
                    "Changing param values is not allowed. Param with key='\(key)' was already logged with value='\(old)' for run ID='\(runID)'. Attempted logging new value '\(value)'.",
                    field: key)
            }
            return
        }
        try sql.execute(
            "INSERT INTO run_params (run_id, key, value) VALUES ($1, $2, $3)", [.text(runID), .text(key), .text(value)])
    }

    static func active(_ sql: SQLConnection, id: String) throws -> SQLRow {
        let row = try self.row(sql, id: id)
        guard try !row.bool("deleted") else {
            throw MartletError.invalid("The run \(id) must be in the 'active' state. Current state is deleted.")
        }
        return row
    }

    private static func row(_ sql: SQLConnection, id: String) throws -> SQLRow {
        guard let row = try sql.row("SELECT * FROM runs WHERE run_id = $1", [.text(id)]) else {
            throw MartletError.notFound("Run with id=\(id) not found")
        }
        return row
    }

    static func run(_ sql: SQLConnection, id: String) throws -> Run {
        var runs = [try decode(try row(sql, id: id))]
        try fill(sql, &runs)
        return runs[0]
    }

    static func decode(_ row: SQLRow) throws -> Run {
        guard let status = Run.Status(rawValue: try row.text("status")) else {
            throw StorageError(.decoding, "A run has an unknown status.")
        }
        return Run(
            id: try row.text("run_id"), experimentID: String(try row.integer("experiment_id")),
            name: try row.text("name"), userID: try row.text("user_id"), status: status,
            startedAt: try row.optionalInteger("started_at").map(Timestamp.init(milliseconds:)),
            endedAt: try row.optionalInteger("ended_at").map(Timestamp.init(milliseconds:)),
            artifactURI: try row.text("artifact_uri"), isDeleted: try row.bool("deleted"))
    }

    /// Keys that differ only in their Unicode normalization are one to Swift; the last of them is taken.
    static func map(_ rows: [SQLRow]) throws -> [String: String] {
        Dictionary(try rows.map { (try $0.text("key"), try $0.text("value")) }) { $1 }
    }
}
