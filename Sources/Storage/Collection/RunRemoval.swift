internal import Domain

/// Takes a deleted run, logged model or experiment out of the database for good, a bounded piece a transaction.
struct RunRemoval {
    /// Metric points or artifacts of one transaction: some ten milliseconds of work, so that writers do not notice.
    static let rowsMax = 2_000

    let database: Database
    let clock: any WallClock
    let actor: Principal

    /// Who refers to a run, as a sentence; nil if nothing does.
    ///
    /// - Parameter gone: logged models that go in the same collection.
    static func holder(_ sql: SQLConnection, run id: String, gone: Set<String>) throws -> String? {
        let version = try sql.row(
            "SELECT name, version FROM model_versions WHERE run_id = $1 ORDER BY name, version LIMIT 1", [.text(id)])
        if let version {
            return "Version \(try version.int("version")) of '\(try version.text("name"))' was made by it."
        }
        let models = try sql.rows(
            """
            SELECT model_id FROM logged_models WHERE source_run_id = $1
            UNION SELECT m.model_id FROM run_models r JOIN logged_models m ON m.model_id = r.model_id
                WHERE r.run_id = $1
            UNION SELECT m.model_id FROM metric_points p JOIN logged_models m ON m.model_id = p.model_id
                WHERE p.run_id = $1
            """, [.text(id)]
        ).map { try $0.text("model_id") }
        return models.first { !gone.contains($0) }.map { "The logged model \($0) comes from it or is measured by it." }
    }

    static func holder(_ sql: SQLConnection, loggedModel id: String) throws -> String? {
        try sql.row(
            "SELECT name, version FROM model_versions WHERE logged_model_id = $1 ORDER BY name, version LIMIT 1",
            [.text(id)]
        ).map { "It is version \(try $0.int("version")) of '\(try $0.text("name"))'." }
    }

    static func holder(_ sql: SQLConnection, experiment id: Int64) throws -> String? {
        if try sql.row("SELECT run_id FROM runs WHERE experiment_id = $1 LIMIT 1", [.integer(id)]) != nil {
            return "Runs in it are held, or were deleted too short a while ago."
        }
        if try sql.row("SELECT model_id FROM logged_models WHERE experiment_id = $1 LIMIT 1", [.integer(id)]) != nil {
            return "Logged models in it are held, or were deleted too short a while ago."
        }
        return nil
    }

    /// - Returns: why it is held after all; nil if it is gone.
    func removeRun(_ item: CollectionItem, artifacts root: String?) async throws -> String? {
        let id = item.id
        let holder = try await database.write { sql in
            if let holder = try Self.holder(sql, run: id, gone: []) { return holder as String? }
            let row = try sql.row("SELECT deleted FROM runs WHERE run_id = $1", [.text(id)])
            guard try row?.bool("deleted") == true else { return "It was restored meanwhile." }
            try sql.execute(
                "UPDATE runs SET deleted = $2 WHERE run_id = $1", [.text(id), .integer(CollectionMark.value)])
            return nil
        }
        if let holder { return holder }
        try await removeArtifacts(under: root)
        try await drain(
            """
            DELETE FROM metric_points WHERE (run_id, key, step, timestamp, value, is_nan) IN (
                SELECT run_id, key, step, timestamp, value, is_nan FROM metric_points WHERE run_id = $1 LIMIT $2)
            """, .text(id))
        return try await finish(item, action: "run.collect", subject: "runs/\(id)") { sql in
            for table in [
                "metric_inbox", "latest_metrics", "run_params", "run_tags", "run_datasets", "run_models", "runs",
            ] {
                try sql.execute("DELETE FROM \(table) WHERE run_id = $1", [.text(id)])
            }
        }
    }

    /// - Returns: why it is held after all; nil if it is gone.
    func removeLoggedModel(_ item: CollectionItem, artifacts root: String?) async throws -> String? {
        let id = item.id
        let holder = try await database.write { sql in
            if let holder = try Self.holder(sql, loggedModel: id) { return holder as String? }
            // From here on it is deleted, also where only its experiment was.
            try sql.execute("UPDATE logged_models SET deleted = 1 WHERE model_id = $1", [.text(id)])
            return nil
        }
        if let holder { return holder }
        try await removeArtifacts(under: root)
        return try await finish(item, action: "logged_model.collect", subject: "logged-models/\(id)") { sql in
            for table in [
                "run_models", "logged_model_metrics", "logged_model_tags", "logged_model_params", "logged_models",
            ] {
                try sql.execute("DELETE FROM \(table) WHERE model_id = $1", [.text(id)])
            }
        }
    }

    /// - Returns: why it is held after all; nil if it is gone and its name free.
    func removeExperiment(_ item: CollectionItem) async throws -> String? {
        guard let id = Int64(item.id) else { return "Its id is no number." }
        let holder = try await database.write { sql in
            let row = try sql.row("SELECT deleted FROM experiments WHERE experiment_id = $1", [.integer(id)])
            guard try row?.bool("deleted") == true else { return "It was restored meanwhile." as String? }
            return try Self.holder(sql, experiment: id)
        }
        if let holder { return holder }
        return try await finish(item, action: "experiment.collect", subject: "experiments/\(id)") { sql in
            try sql.execute("DELETE FROM experiment_tags WHERE experiment_id = $1", [.integer(id)])
            try sql.execute("DELETE FROM experiments WHERE experiment_id = $1", [.integer(id)])
            try sql.execute(
                "UPDATE collected_experiment_ids SET last_id = $1 WHERE last_id < $1", [.integer(id)])
        }
    }

    private func removeArtifacts(under root: String?) async throws {
        guard let root, !root.isEmpty else { return }
        // "0" is the character after "/".
        try await drain(
            """
            DELETE FROM artifacts WHERE path IN (
                SELECT path FROM artifacts WHERE path >= $1 AND path < $3 ORDER BY path LIMIT $2)
            """, .text(root + "/"), [.text(root + "0")])
    }

    /// Deletes until nothing is left, `rowsMax` rows a transaction.
    private func drain(_ statement: String, _ key: SQLValue, _ more: [SQLValue] = []) async throws {
        while true {
            try Task.checkCancellation()
            let count = try await database.write { sql in
                try sql.execute(statement, [key, .integer(Self.rowsMax)] + more)
            }
            if count < Self.rowsMax { return }
        }
    }

    /// The last transaction, with the audit event. Whatever else refers to it keeps it.
    private func finish(
        _ item: CollectionItem, action: String, subject: String,
        _ body: @escaping @Sendable (SQLConnection) throws -> Void
    ) async throws -> String? {
        let (now, actor) = (clock.now(), actor)
        do {
            try await database.write { sql in
                try body(sql)
                try sql.appendAudit(
                    AuditDraft(
                        actor: actor, action: action, subject: subject,
                        before: [
                            "name": .string(item.name), "files": .int(Int64(item.files)), "bytes": .int(item.bytes),
                            "metric_points": .int(item.metricPoints),
                        ]),
                    at: now)
            }
            return nil
        } catch let error as MartletError where error.code == .failedPrecondition {
            return "Something in the database refers to it."
        }
    }
}
