internal import Domain

extension LineageReader {
    // MARK: model versions

    static func model(_ sql: SQLConnection, _ version: ModelVersion) throws -> LineageNode {
        var facts = [
            "registered": version.createdAt.iso8601, "registered by": version.createdByName,
        ]
        if !version.aliases.isEmpty { facts["aliases"] = version.aliases.sorted().joined(separator: ", ") }
        facts["description"] = version.description.map { String($0.prefix(200)) }
        return LineageNode(
            id: LineageReference.model(version.id).description, kind: .model,
            label: "\(version.id.model), version \(version.id.version)", facts: facts)
    }

    /// The version that a version is a copy of; nil where it is none.
    static func copied(_ version: ModelVersion) -> ModelVersionID? {
        let source = version.source
        if source.hasPrefix("models:/"), !source.hasPrefix("models:/m-") {
            let parts = source.dropFirst("models:/".count).split(separator: "/").map(String.init)
            guard parts.count == 2, let number = Int(parts[1]) else { return nil }
            return ModelVersionID(model: parts[0], version: number)
        }
        guard let path = ArtifactPath.path(uri: source), let place = VersionPath(parsing: path), place.file.isEmpty
        else { return nil }
        return place.id
    }

    static func origins(_ sql: SQLConnection, of id: ModelVersionID) throws -> LineageStep {
        let version = try RegistryStore.version(sql, id)
        let to = LineageReference.model(id).description
        var step = LineageStep()
        if let original = copied(version),
            let row = try sql.row(
                "SELECT * FROM model_versions WHERE name = $1 AND version = $2",
                [.text(original.model), .integer(original.version)])
        {
            let from = try model(sql, try RegistryStore.version(sql, row: row))
            return LineageStep(nodes: [from], edges: [LineageEdge(from: from.id, to: to, label: "copied")])
        }
        if let runID = version.runID,
            try sql.row("SELECT run_id FROM runs WHERE run_id = $1", [.text(runID)]) != nil
        {
            let from = try run(sql, runID)
            step.nodes.append(from)
            step.edges.append(LineageEdge(from: from.id, to: to, label: "made"))
        } else if let runID = version.runID {
            step.cut = "The run \(runID) of \(id) is gone."
        }
        try optimized(sql, into: id, &step)
        return step
    }

    static func uses(_ sql: SQLConnection, of id: ModelVersionID, limit: Int) throws -> LineageStep {
        let from = LineageReference.model(id).description
        var step = LineageStep()
        let sources = ["models:/\(id)", "mlflow-artifacts:/\(VersionPath(id).text)"]
        let copies = try sql.rows(
            "SELECT * FROM model_versions WHERE source IN ($1, $2) ORDER BY name, version LIMIT $3",
            [.text(sources[0]), .text(sources[1]), .integer(limit + 1)])
        if copies.count > limit { step.cut = "\(id) was copied more than \(limit) times." }
        for row in copies.prefix(limit) {
            let copy = try model(sql, try RegistryStore.version(sql, row: row))
            step.nodes.append(copy)
            step.edges.append(LineageEdge(from: from, to: copy.id, label: "copied"))
        }
        try optimized(sql, from: id, limit: limit, &step)
        let consumers = try sql.rows(
            """
            SELECT m.run_id FROM model_versions v JOIN run_models m ON m.model_id = v.logged_model_id
            WHERE v.name = $1 AND v.version = $2 AND m.direction = 'input' ORDER BY m.run_id LIMIT $3
            """, [.text(id.model), .integer(id.version), .integer(limit)])
        for row in consumers {
            let to = try run(sql, try row.text("run_id"))
            step.nodes.append(to)
            step.edges.append(LineageEdge(from: from, to: to.id, label: "input"))
        }
        if let role = try role(sql, of: id.version, behind: id.model) {
            let to = try endpoint(sql, id.model)
            step.nodes.append(to)
            step.edges.append(LineageEdge(from: from, to: to.id, label: role))
        }
        return step
    }

    // MARK: endpoints

    static func endpoint(_ sql: SQLConnection, _ name: String) throws -> LineageNode {
        guard let endpoint = try EndpointStore.endpoint(sql, name) else {
            throw MartletError.notFound("There is no endpoint \(name).")
        }
        var facts = ["changed": endpoint.updatedAt.iso8601]
        for variant in endpoint.variants {
            facts["version \(variant.version)"] = share(variant)
        }
        return LineageNode(
            id: LineageReference.endpoint(name).description, kind: .endpoint, label: name, facts: facts)
    }

    /// `champion 90 %`, `shadow`.
    private static func share(_ variant: Variant) -> String {
        let hundredths = variant.weightBasisPoints
        let whole = hundredths / 100
        let rest = hundredths % 100
        let percent = rest == 0 ? "\(whole)" : "\(whole).\(rest < 10 ? "0" : "")\(rest)"
        return variant.role == .shadow ? "shadow" : "\(variant.role.rawValue) \(percent) %"
    }

    /// What a version is behind its endpoint, or was; nil where it never was behind it.
    private static func role(_ sql: SQLConnection, of version: Int, behind name: String) throws -> String? {
        guard let endpoint = try EndpointStore.endpoint(sql, name) else { return nil }
        if let variant = endpoint.variants.first(where: { $0.version == version }) { return share(variant) }
        return try past(sql, name)[version]
    }

    static func served(_ sql: SQLConnection, by name: String, limit: Int) throws -> LineageStep {
        guard let endpoint = try EndpointStore.endpoint(sql, name) else { return LineageStep() }
        var roles = try past(sql, name)
        for variant in endpoint.variants { roles[variant.version] = share(variant) }
        var step = LineageStep(
            cut: roles.count > limit ? "\(name) has served more than \(limit) versions; the newest are here." : nil)
        for (version, role) in roles.sorted(by: { $0.key > $1.key }).prefix(limit) {
            let row = try sql.row(
                "SELECT * FROM model_versions WHERE name = $1 AND version = $2", [.text(name), .integer(version)])
            guard let row else { continue }
            let from = try model(sql, try RegistryStore.version(sql, row: row))
            step.nodes.append(from)
            step.edges.append(
                LineageEdge(from: from.id, to: LineageReference.endpoint(name).description, label: role))
        }
        return step
    }

    /// What earlier rollouts made of each version: `was champion` or `was tried`.
    private static func past(_ sql: SQLConnection, _ name: String) throws -> [Int: String] {
        let rows = try sql.rows(
            "SELECT document FROM rollouts WHERE endpoint = $1 ORDER BY id DESC LIMIT \(rolloutsMax)", [.text(name)])
        var roles: [Int: String] = [:]
        for row in rows {
            let rollout = try JSONDocument.value(Rollout.self, try row.text("document"))
            if rollout.state == .promoted {
                roles[rollout.candidate] = "was champion"
            } else if roles[rollout.candidate] == nil {
                roles[rollout.candidate] = "was tried"
            }
        }
        return roles
    }

    // MARK: predictions

    /// The newest recorded ones, each from the endpoint: which version answered is the prediction's own to tell.
    func predictions(of name: String) async throws -> LineageStep {
        let rows = try await observations.read { sql in
            try sql.rows(
                """
                SELECT id, time, version FROM (
                    SELECT id, time, endpoint, version FROM prediction_log ORDER BY time DESC LIMIT $2
                ) newest WHERE endpoint = $1 ORDER BY time DESC LIMIT $3
                """,
                [.text(name), .integer(Self.predictionsScanned), .integer(Self.predictionsMax)])
        }
        var step = LineageStep()
        for row in rows {
            let time = Timestamp(milliseconds: try row.integer("time")).iso8601
            let to = LineageNode(
                id: LineageReference.prediction(PredictionID(rawValue: try row.text("id"))).description,
                kind: .prediction, label: "answered \(time)",
                facts: ["answered": time, "version": String(try row.integer("version"))])
            step.nodes.append(to)
            step.edges.append(
                LineageEdge(from: LineageReference.endpoint(name).description, to: to.id, label: "answered"))
        }
        if !rows.isEmpty {
            step.cut = "Of the predictions of \(name) only the newest \(rows.count) recorded are here."
        }
        return step
    }
}
