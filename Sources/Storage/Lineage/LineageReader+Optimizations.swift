internal import Domain

extension LineageReader {
    /// The version that a version was made of by optimising it; nothing where it was not.
    static func optimized(_ sql: SQLConnection, into id: ModelVersionID, _ step: inout LineageStep) throws {
        let row = try sql.row(
            "SELECT document FROM version_optimizations WHERE name = $1 AND version = $2",
            [.text(id.model), .integer(id.version)])
        guard let row else { return }
        let record = try JSONDocument.value(OptimizationRecord.self, try row.text("document"))
        let origin = try sql.row(
            "SELECT * FROM model_versions WHERE name = $1 AND version = $2",
            [.text(id.model), .integer(record.sourceVersion)])
        guard let origin else {
            step.cut = "The version \(record.sourceVersion) that \(id) was made of is gone."
            return
        }
        let from = try model(sql, try RegistryStore.version(sql, row: origin))
        step.nodes.append(from)
        step.edges.append(
            LineageEdge(from: from.id, to: LineageReference.model(id).description, label: record.method))
    }

    /// The versions that were made of one by optimising it.
    static func optimized(
        _ sql: SQLConnection, from id: ModelVersionID, limit: Int, _ step: inout LineageStep
    ) throws {
        let rows = try sql.rows(
            """
            SELECT v.*, o.document FROM version_optimizations o
            JOIN model_versions v ON v.name = o.name AND v.version = o.version
            WHERE o.name = $1 AND o.source_version = $2 ORDER BY v.version LIMIT $3
            """, [.text(id.model), .integer(id.version), .integer(limit + 1)])
        if rows.count > limit { step.cut = "\(id) was optimised more than \(limit) times." }
        for row in rows.prefix(limit) {
            let record = try JSONDocument.value(OptimizationRecord.self, try row.text("document"))
            let to = try model(sql, try RegistryStore.version(sql, row: row))
            step.nodes.append(to)
            step.edges.append(
                LineageEdge(from: LineageReference.model(id).description, to: to.id, label: record.method))
        }
    }
}
