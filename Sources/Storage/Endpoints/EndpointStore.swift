public import Domain

/// Endpoints in registry.db. They are changed by rollouts alone, inside the rollout's transaction.
public struct EndpointStore: EndpointReading {
    let database: Database

    public init(database: Database) {
        self.database = database
    }

    public func endpointList() async throws -> EndpointList {
        try await database.read { sql in
            let rows = try sql.rows("SELECT * FROM endpoints ORDER BY name")
            let variants = try Dictionary(
                grouping: sql.rows("SELECT * FROM endpoint_variants ORDER BY name, position")
            ) { try $0.text("name") }
            return EndpointList(
                generation: try sql.row("SELECT generation FROM endpoint_counters")?.integer("generation") ?? 0,
                endpoints: try rows.map { row in
                    try Self.endpoint(row, variants: variants[try row.text("name")] ?? [])
                },
                previousChampions: try rows.compactMap { row in
                    try row.optionalInteger("previous_champion").map {
                        ModelVersionID(model: try row.text("name"), version: Int($0))
                    }
                })
        }
    }

    public func endpoint(_ name: String) async throws -> Endpoint {
        try await database.read { sql in
            guard let endpoint = try Self.endpoint(sql, name) else {
                throw MartletError.notFound("There is no endpoint \(name).")
            }
            return endpoint
        }
    }

    // MARK: inside a rollout's transaction

    /// The endpoint, made where there is none yet.
    static func endpointOrNew(_ sql: SQLConnection, _ name: String, by actor: Principal, at now: Timestamp) throws
        -> Endpoint
    {
        if let endpoint = try endpoint(sql, name) { return endpoint }
        let id = try next("last_endpoint_id", sql)
        try sql.execute(
            "INSERT INTO endpoints (name, id, created_at, updated_at) VALUES ($1, $2, $3, $3)",
            [.text(name), .integer(id), .integer(now.milliseconds)])
        try sql.appendAudit(
            AuditDraft(actor: actor, action: "endpoint.create", subject: "endpoints/\(name)", after: ["id": .int(id)]),
            at: now)
        return Endpoint(id: id, name: name, variants: [], updatedAt: now)
    }

    /// Routes by `variants` from now on; the champion that they replace is remembered.
    static func setVariants(
        _ sql: SQLConnection, _ before: Endpoint, _ variants: [Variant], rollout: Rollout, by actor: Principal,
        at now: Timestamp
    ) throws {
        guard Set(variants.map(\.version)).count == variants.count else {
            throw MartletError.invalid("An endpoint names each version once.", field: "variants")
        }
        try sql.execute("DELETE FROM endpoint_variants WHERE name = $1", [.text(before.name)])
        for (position, variant) in variants.enumerated() {
            try sql.execute(
                """
                INSERT INTO endpoint_variants (name, version, position, role, weight_basis_points)
                VALUES ($1, $2, $3, $4, $5)
                """,
                [
                    .text(before.name), .integer(variant.version), .integer(position),
                    .text(variant.role.rawValue), .integer(variant.weightBasisPoints),
                ])
        }
        let champion = variants.first { $0.role == .champion }?.version
        let replaced = before.champion.flatMap { $0.version == champion ? nil : Int64($0.version) }
        try sql.execute(
            """
            UPDATE endpoints SET updated_at = $2, policy_version = $3,
                previous_champion = COALESCE($4, previous_champion)
            WHERE name = $1
            """,
            [
                .text(before.name), .integer(now.milliseconds), .integer(rollout.policyVersion), .integer(replaced),
            ])
        try sql.appendAudit(
            AuditDraft(
                actor: actor, action: "endpoint.route", subject: "endpoints/\(before.name)",
                before: json(before.variants), after: json(variants)),
            at: now)
    }

    /// Notes the rollout's step at its endpoint, and that the endpoints changed.
    static func note(_ sql: SQLConnection, _ rollout: Rollout) throws {
        let isOver = rollout.state.isFinal
        try sql.execute(
            "UPDATE endpoints SET rollout_id = $2, rollout_step = $3 WHERE name = $1",
            [
                .text(rollout.endpoint), isOver ? .null : .integer(rollout.id),
                isOver ? .null : .integer(rollout.step),
            ])
        try sql.execute("UPDATE endpoint_counters SET generation = generation + 1")
    }

    /// Numbers are never reused: they count on even when what they named is gone.
    static func next(_ counter: String, _ sql: SQLConnection) throws -> Int64 {
        let row = try sql.row("UPDATE endpoint_counters SET \(counter) = \(counter) + 1 RETURNING \(counter) AS id")
        guard let row else { throw StorageError(.decoding, "The counters of endpoints are gone.") }
        return try row.integer("id")
    }

    static func endpoint(_ sql: SQLConnection, _ name: String) throws -> Endpoint? {
        guard let row = try sql.row("SELECT * FROM endpoints WHERE name = $1", [.text(name)]) else { return nil }
        return try endpoint(
            row,
            variants: sql.rows("SELECT * FROM endpoint_variants WHERE name = $1 ORDER BY position", [.text(name)]))
    }

    private static func endpoint(_ row: SQLRow, variants: [SQLRow]) throws -> Endpoint {
        Endpoint(
            id: try row.integer("id"), name: try row.text("name"),
            variants: try variants.map { variant in
                guard let role = Variant.Role(rawValue: try variant.text("role")) else {
                    throw StorageError(.decoding, "A variant has an unknown role.")
                }
                return Variant(
                    version: try variant.int("version"), role: role,
                    weightBasisPoints: try variant.int("weight_basis_points"))
            },
            policyVersion: try row.optionalInteger("policy_version").map(Int.init),
            rolloutID: try row.optionalInteger("rollout_id"),
            rolloutStep: try row.optionalInteger("rollout_step").map(Int.init),
            updatedAt: Timestamp(milliseconds: try row.integer("updated_at")))
    }

    private static func json(_ variants: [Variant]) -> JSONValue {
        .array(
            variants.map {
                [
                    "version": .int(Int64($0.version)), "role": .string($0.role.rawValue),
                    "weight_basis_points": .int(Int64($0.weightBasisPoints)),
                ]
            })
    }
}
