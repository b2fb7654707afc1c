internal import Domain

extension Collector {
    /// Experiments that go, if nothing in them is held: deleted long enough ago. `0` stays, for clients rely on it.
    private static let expiredExperiments =
        "SELECT experiment_id FROM experiments WHERE deleted <> 0 AND deleted_at <= $1 AND experiment_id <> 0"

    // MARK: logged models

    func collectLoggedModels(_ round: inout Round, _ tell: (CollectionEvent) async throws -> Void) async throws {
        let candidates = try await candidates(
            """
            SELECT model_id AS id FROM logged_models t
            WHERE ((deleted <> 0 AND deleted_at <= $1) OR experiment_id IN (\(Self.expiredExperiments)))
            """, key: "model_id", ids: round.scope.loggedModels, round.scope)
        try await tell(.phase(.loggedModel, total: candidates.count))
        for id in candidates {
            guard let (found, root) = try await loggedModelItem(id) else { continue }
            var item = found
            if item.outcome == .collected, !round.isDryRun,
                let reason = try await round.removal.removeLoggedModel(item, artifacts: root)
            {
                (item.outcome, item.reason) = (.held, reason)
            }
            if item.outcome == .collected { round.remember(loggedModel: id, root: root) }
            round.summary.add(item)
            try await tell(.item(item))
        }
    }

    private func loggedModelItem(_ id: String) async throws -> (CollectionItem, root: String?)? {
        try await database.read { sql in
            guard let row = try sql.row("SELECT * FROM logged_models WHERE model_id = $1", [.text(id)]) else {
                return nil
            }
            let reason = try RunRemoval.holder(sql, loggedModel: id)
            let root = ArtifactPath.path(uri: try row.text("artifact_uri"))
            let size = try Self.size(sql, root)
            return (
                CollectionItem(
                    kind: .loggedModel, id: id, name: try row.text("name"),
                    outcome: reason == nil ? .collected : .held, reason: reason, deletedAt: try Self.deletedAt(row),
                    files: size.files, bytes: size.bytes), root
            )
        }
    }

    // MARK: runs

    func collectRuns(_ round: inout Round, _ tell: (CollectionEvent) async throws -> Void) async throws {
        let candidates = try await candidates(
            """
            SELECT run_id AS id FROM runs t
            WHERE ((deleted <> 0 AND deleted_at <= $1) OR experiment_id IN (\(Self.expiredExperiments)))
            """, key: "run_id", ids: round.scope.runs, round.scope)
        try await tell(.phase(.run, total: candidates.count))
        for id in candidates {
            guard let (found, root) = try await runItem(id, gone: round.loggedModels) else { continue }
            var item = found
            if item.outcome == .collected, !round.isDryRun,
                let reason = try await round.removal.removeRun(item, artifacts: root)
            {
                (item.outcome, item.reason) = (.held, reason)
            }
            if item.outcome == .collected { round.remember(run: id, root: root) }
            round.summary.add(item)
            try await tell(.item(item))
        }
    }

    private func runItem(_ id: String, gone: Set<String>) async throws -> (CollectionItem, root: String?)? {
        try await MetricInbox(database: database, clock: clock).settle(.runs([id]))
        return try await database.read { sql in
            guard let row = try sql.row("SELECT * FROM runs WHERE run_id = $1", [.text(id)]) else { return nil }
            let reason = try RunRemoval.holder(sql, run: id, gone: gone)
            let root = ArtifactPath.path(uri: try row.text("artifact_uri"))
            let size = try Self.size(sql, root)
            let points = try sql.row("SELECT COUNT(*) AS points FROM metric_points WHERE run_id = $1", [.text(id)])
            return (
                CollectionItem(
                    kind: .run, id: id, name: try row.text("name"), outcome: reason == nil ? .collected : .held,
                    reason: reason, deletedAt: try Self.deletedAt(row), files: size.files, bytes: size.bytes,
                    metricPoints: try points?.integer("points") ?? 0), root
            )
        }
    }

    // MARK: experiments

    func collectExperiments(_ round: inout Round, _ tell: (CollectionEvent) async throws -> Void) async throws {
        let scope = round.scope
        let candidates =
            scope.isEverything || !scope.experiments.isEmpty
            ? try await experiments(scope) : []
        try await tell(.phase(.experiment, total: candidates.count))
        for id in candidates {
            let (runs, models) = (round.runs, round.loggedModels)
            var item = try await database.read { sql in
                let row = try sql.row("SELECT * FROM experiments WHERE experiment_id = $1", [.integer(id)])
                let reason = try Self.holder(sql, experiment: id, goneRuns: runs, goneModels: models)
                return CollectionItem(
                    kind: .experiment, id: String(id), name: try row?.text("name") ?? "",
                    outcome: reason == nil ? .collected : .held, reason: reason,
                    deletedAt: try row.flatMap { try Self.deletedAt($0) })
            }
            if item.outcome == .collected, !round.isDryRun,
                let reason = try await round.removal.removeExperiment(item)
            {
                (item.outcome, item.reason) = (.held, reason)
            }
            round.summary.add(item)
            try await tell(.item(item))
        }
    }

    private func experiments(_ scope: CollectionScope) async throws -> [Int64] {
        try await database.read { sql in
            var found = try sql.rows(
                Self.expiredExperiments + " ORDER BY experiment_id", [.integer(scope.deletedBefore.milliseconds)]
            ).map { try $0.integer("experiment_id") }
            if !scope.experiments.isEmpty {
                let wanted = Set(try scope.experiments.map(ExperimentStore.number))
                found = found.filter(wanted.contains)
            }
            return found
        }
    }

    /// What is in the experiment and does not go with it.
    private static func holder(
        _ sql: SQLConnection, experiment id: Int64, goneRuns: Set<String>, goneModels: Set<String>
    ) throws -> String? {
        for row in try sql.rows("SELECT run_id FROM runs WHERE experiment_id = $1", [.integer(id)])
        where !goneRuns.contains(try row.text("run_id")) {
            return "Its run \(try row.text("run_id")) is held."
        }
        for row in try sql.rows("SELECT model_id FROM logged_models WHERE experiment_id = $1", [.integer(id)])
        where !goneModels.contains(try row.text("model_id")) {
            return "Its logged model \(try row.text("model_id")) is held."
        }
        return nil
    }

    // MARK: shared

    /// Ids that a statement finds, cut to the scope, a page a read.
    private func candidates(
        _ statement: String, key: String, ids: [String], _ scope: CollectionScope
    ) async throws -> [String] {
        if !scope.isEverything, ids.isEmpty, scope.experiments.isEmpty { return [] }
        let wanted = Set(ids)
        var found: [String] = []
        var last = ""
        while true {
            let after = last
            let page = try await database.read { sql in
                var values: [SQLValue] = [
                    .integer(scope.deletedBefore.milliseconds), .text(after), .integer(Self.pageMax),
                ]
                var condition = ""
                if !scope.isEverything {
                    var parts: [String] = []
                    for (column, members) in [
                        (key, wanted.map { SQLValue.text($0) }),
                        ("experiment_id", try scope.experiments.map { .integer(try ExperimentStore.number($0)) }),
                    ] where !members.isEmpty {
                        let marks = members.indices.map { "$\(values.count + $0 + 1)" }.joined(separator: ", ")
                        values += members
                        parts.append("t.\(column) IN (\(marks))")
                    }
                    condition = " AND (\(parts.joined(separator: " OR ")))"
                }
                return try sql.rows(
                    "\(statement)\(condition) AND t.\(key) > $2 ORDER BY t.\(key) LIMIT $3", values
                ).map { try $0.text("id") }
            }
            found += page
            guard page.count == Self.pageMax, let end = page.last else { return found }
            last = end
        }
    }

    private static func size(_ sql: SQLConnection, _ root: String?) throws -> (files: Int, bytes: Int64) {
        guard let root, !root.isEmpty else { return (0, 0) }
        let row = try sql.row(
            "SELECT COUNT(*) AS files, SUM(bytes) AS bytes FROM artifacts WHERE path >= $1 AND path < $2",
            [.text(root + "/"), .text(root + "0")])
        return (try row?.int("files") ?? 0, try row?.optionalInteger("bytes") ?? 0)
    }

    private static func deletedAt(_ row: SQLRow) throws -> Timestamp? {
        try row.optionalInteger("deleted_at").map(Timestamp.init(milliseconds:))
    }
}
