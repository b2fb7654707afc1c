public import Domain

/// The lineage, derived from what tracking, registry, data sets, endpoints and prediction log hold.
public struct LineageReader: LineageReading {
    /// Parameters of a run that its node carries; the run has the rest.
    static let paramsMax = 20
    /// Rollouts of an endpoint that are looked at, the newest.
    static let rolloutsMax = 1_000
    /// The newest recorded predictions, of all endpoints, among which those of one are looked for.
    static let predictionsScanned = 10_000
    /// Predictions of an endpoint that are shown.
    static let predictionsMax = 10

    let registry: Database
    let observations: Database

    public init(registry: Database, observations: Database) {
        self.registry = registry
        self.observations = observations
    }

    public func node(_ reference: LineageReference) async throws -> LineageNode {
        try await registry.read { sql in
            switch reference {
            case .dataset(let name, let version): try Self.dataset(sql, name: name, version: version)
            case .run(let id): try Self.run(sql, id)
            case .model(let id): try Self.model(sql, try RegistryStore.version(sql, id))
            case .endpoint(let name): try Self.endpoint(sql, name)
            case .prediction:
                throw MartletError.invalid("A prediction is found by its id alone.", field: "of")
            }
        }
    }

    public func neighbours(
        of node: LineageNode, _ direction: LineageGraph.Direction, limit: Int
    ) async throws -> LineageStep {
        let reference = try LineageReference(node.id)
        if case .endpoint(let name) = reference, direction == .downstream { return try await predictions(of: name) }
        return try await registry.read { sql in
            switch (reference, direction) {
            case (.dataset(let name, let digest), .downstream):
                try Self.runs(sql, using: node, name: name, digest: digest, limit: limit)
            case (.run(let id), .upstream): try Self.inputs(sql, ofRun: id, limit: limit)
            case (.run(let id), .downstream): try Self.versions(sql, ofRun: id, limit: limit)
            case (.model(let id), .upstream): try Self.origins(sql, of: id)
            case (.model(let id), .downstream): try Self.uses(sql, of: id, limit: limit)
            case (.endpoint(let name), .upstream): try Self.served(sql, by: name, limit: limit)
            default: LineageStep()
            }
        }
    }

    // MARK: data sets

    /// A version of Martlet's, else a data set as some run logged it.
    static func dataset(_ sql: SQLConnection, name: String, version: String) throws -> LineageNode {
        if let selector = try? DatasetVersionSelector(version) {
            do {
                return node(try DatasetStore.version(sql, try DatasetStore.row(sql, name, selector)))
            } catch let error as MartletError where error.code == .notFound {
                // It may be one that only runs know.
            }
        }
        let row = try sql.row(
            "SELECT name, digest, source_type FROM run_datasets WHERE digest = $1 AND name = $2 LIMIT 1",
            [.text(version), .text(name)])
        guard let row else { throw MartletError.notFound("There is no data set \(name)@\(version).") }
        return try logged(row)
    }

    private static func node(_ version: DatasetVersion) -> LineageNode {
        var facts = [
            "rows": String(version.rows), "columns": String(version.columns.count), "digest": version.id.digest,
            "added": version.createdAt.iso8601, "added by": version.createdByName,
        ]
        facts["source"] = version.source
        return node(version.id, facts: facts)
    }

    private static func node(_ id: DatasetVersionID, facts: [String: String]) -> LineageNode {
        LineageNode(
            id: LineageReference.dataset(name: id.name, version: id.digest).description, kind: .dataset,
            label: "\(id.name), version \(id.number)", facts: facts, dataset: id)
    }

    private static func logged(_ row: SQLRow) throws -> LineageNode {
        let name = try row.text("name")
        let digest = try row.text("digest")
        return LineageNode(
            id: LineageReference.dataset(name: name, version: digest).description, kind: .dataset, label: name,
            facts: ["digest": digest, "kept": "not by Martlet", "source type": try row.text("source_type")])
    }

    private static func runs(
        _ sql: SQLConnection, using node: LineageNode, name: String, digest: String, limit: Int
    ) throws -> LineageStep {
        let uses: [DatasetUse]
        if let id = node.dataset {
            uses = try DatasetStore.uses(sql, of: id, limit: limit + 1)
        } else {
            uses = try sql.rows(
                """
                SELECT d.run_id, d.context, r.name FROM run_datasets d JOIN runs r ON r.run_id = d.run_id
                WHERE d.digest = $1 AND d.name = $2 ORDER BY r.started_at DESC, d.run_id LIMIT $3
                """, [.text(digest), .text(name), .integer(limit + 1)]
            ).map {
                DatasetUse(
                    runID: try $0.text("run_id"), runName: try $0.text("name"), context: try $0.optionalText("context"))
            }
        }
        var step = LineageStep(
            cut: uses.count > limit ? "\(node.label) was used by more than \(limit) runs; the newest are here." : nil)
        for use in uses.prefix(limit) {
            let run = try run(sql, use.runID)
            step.nodes.append(run)
            step.edges.append(LineageEdge(from: node.id, to: run.id, label: use.context ?? "used"))
        }
        return step
    }

    // MARK: runs

    static func run(_ sql: SQLConnection, _ id: String) throws -> LineageNode {
        let run = try RunStore.run(sql, id: id)
        var facts = ["status": run.status.rawValue.lowercased()]
        facts["started"] = run.startedAt?.iso8601
        facts["ended"] = run.endedAt?.iso8601
        facts["training code"] = run.tags[VersionTag.sourceCommit]
        facts["feature-engineering code"] = run.tags[VersionTag.featureEngineeringCommit]
        facts["repository"] = run.tags[VersionTag.sourceRepository]
        facts["program"] = run.tags[VersionTag.sourceName]
        if run.isDeleted { facts["state"] = "deleted" }
        for (key, value) in run.params.sorted(by: { $0.key < $1.key }).prefix(paramsMax) {
            facts["param \(key)"] = String(value.prefix(200))
        }
        return LineageNode(
            id: LineageReference.run(id).description, kind: .run, label: run.name, facts: facts)
    }

    private static func inputs(_ sql: SQLConnection, ofRun id: String, limit: Int) throws -> LineageStep {
        let to = LineageReference.run(id).description
        var step = LineageStep()
        let kept = try DatasetStore.versions(sql, ofRun: id)
        let rows = try sql.rows(
            """
            SELECT name, digest, source_type, context FROM run_datasets WHERE run_id = $1 ORDER BY name, digest LIMIT $2
            """, [.text(id), .integer(limit + 1)])
        if rows.count > limit { step.cut = "The run \(id) logged more than \(limit) data sets." }
        for row in rows.prefix(limit) {
            let key = LoggedDatasetKey(name: try row.text("name"), digest: try row.text("digest"))
            let from: LineageNode
            if let version = kept[key] {
                from = node(try DatasetStore.version(sql, name: version.name, number: version.number))
            } else {
                from = try logged(row)
            }
            step.nodes.append(from)
            step.edges.append(
                LineageEdge(from: from.id, to: to, label: try row.optionalText("context") ?? "used"))
        }
        // Models that it took in, for an evaluation or to train on.
        let models = try sql.rows(
            """
            SELECT v.* FROM run_models m JOIN model_versions v ON v.logged_model_id = m.model_id
            WHERE m.run_id = $1 AND m.direction = 'input' ORDER BY v.name, v.version LIMIT $2
            """, [.text(id), .integer(limit)])
        for row in models {
            let from = try model(sql, try RegistryStore.version(sql, row: row))
            step.nodes.append(from)
            step.edges.append(LineageEdge(from: from.id, to: to, label: "input"))
        }
        return step
    }

    private static func versions(_ sql: SQLConnection, ofRun id: String, limit: Int) throws -> LineageStep {
        let rows = try sql.rows(
            "SELECT * FROM model_versions WHERE run_id = $1 ORDER BY name, version LIMIT $2",
            [.text(id), .integer(limit + 1)])
        var step = LineageStep(
            cut: rows.count > limit ? "The run \(id) made more than \(limit) versions." : nil)
        for row in rows.prefix(limit) {
            let version = try RegistryStore.version(sql, row: row)
            // A copy comes from what it was copied from, and only through that from the run.
            if copied(version) != nil { continue }
            let to = try model(sql, version)
            step.nodes.append(to)
            step.edges.append(LineageEdge(from: LineageReference.run(id).description, to: to.id, label: "made"))
        }
        return step
    }
}
