public import Domain

/// Rollouts and their events in registry.db, with all that they do to endpoint and alias in one transaction.
public struct RolloutStore: RolloutStoring {
    /// Of one page of rollouts, and of one rollout's events.
    static let rowsMax = 1_000

    let database: Database
    let clock: any WallClock

    public init(database: Database, clock: any WallClock) {
        self.database = database
        self.clock = clock
    }

    public func start(
        _ draft: RolloutDraft, by actor: Principal,
        _ begin: @escaping @Sendable (Rollout) throws -> RolloutTransition
    ) async throws -> Rollout {
        let now = clock.now()
        return try await database.write { sql in
            _ = try RegistryStore.version(sql, draft.candidate)
            let name = draft.candidate.model
            let endpoint = try EndpointStore.endpointOrNew(sql, name, by: actor, at: now)
            if let other = endpoint.rolloutID {
                throw MartletError.precondition(
                    "Rollout \(other) of the endpoint \(name) is under way. Let it end, or abort it, first.")
            }
            guard endpoint.champion?.version != draft.candidate.version else {
                throw MartletError.precondition("The version \(draft.candidate) is the champion already.")
            }
            let rollout = Rollout(
                id: try EndpointStore.next("last_rollout_id", sql), endpoint: name,
                candidate: draft.candidate.version, champion: endpoint.champion?.version, plan: draft.plan,
                guardrails: draft.guardrails, policyVersion: draft.policyVersion, state: .pending, step: 0,
                stepStartedAt: now, startedAt: now, updatedAt: now, startedBy: actor.name)
            try Self.insert(sql, rollout, championAlias: draft.championAlias)
            let transition = try begin(rollout)
            return try Self.apply(sql, from: nil, transition, by: actor, at: now)
        }
    }

    public func change(
        _ id: Int64, by actor: Principal, _ change: @escaping @Sendable (Rollout) throws -> RolloutTransition
    ) async throws -> Rollout {
        let now = clock.now()
        return try await database.write { sql in
            let before = try Self.rollout(sql, id)
            return try Self.apply(sql, from: before, try change(before), by: actor, at: now)
        }
    }

    public func rollout(_ id: Int64) async throws -> Rollout {
        try await database.read { try Self.rollout($0, id) }
    }

    public func rollouts(endpoint: String?, before: Int64?, limit: Int) async throws -> [Rollout] {
        try await database.read { sql in
            try sql.rows(
                """
                SELECT document, endpoint FROM rollouts WHERE (endpoint = $1 OR $1 = '') AND id < $2
                ORDER BY id DESC LIMIT $3
                """,
                [
                    .text(endpoint ?? ""), .integer(before ?? .max),
                    .integer(min(max(limit, 1), Self.rowsMax)),
                ]
            ).map(Self.decode)
        }
    }

    public func activeRollouts() async throws -> [Rollout] {
        try await database.read { sql in
            try sql.rows("SELECT document, endpoint FROM rollouts WHERE is_active = 1 ORDER BY id").map(Self.decode)
        }
    }

    public func events(_ id: Int64) async throws -> [RolloutEvent] {
        try await database.read { sql in
            try sql.rows(
                "SELECT document FROM rollout_events WHERE rollout_id = $1 ORDER BY sequence LIMIT \(Self.rowsMax)",
                [.integer(id)]
            ).map { try JSONDocument.value(RolloutEvent.self, try $0.text("document")) }
        }
    }

    // MARK: inside the transaction

    /// Stores the new state and does its actions. An evaluation alone writes its event and nothing else.
    private static func apply(
        _ sql: SQLConnection, from before: Rollout?, _ transition: RolloutTransition, by actor: Principal,
        at now: Timestamp
    ) throws -> Rollout {
        let rollout = transition.rollout
        for action in transition.actions {
            switch action {
            case .record(let event): try append(sql, event)
            case .setVariants(let variants):
                let endpoint = try EndpointStore.endpointOrNew(sql, rollout.endpoint, by: actor, at: now)
                try EndpointStore.setVariants(sql, endpoint, variants, rollout: rollout, by: actor, at: now)
            case .moveChampion(let version):
                // The alias is the controller's alone, whoever's rollout it is.
                try RegistryStore.setAlias(
                    sql, name: rollout.endpoint, alias: try championAlias(sql, rollout.id), version: version,
                    by: .rolloutController, at: now)
            }
        }
        guard rollout != before else { return rollout }
        try sql.execute(
            "UPDATE rollouts SET state = $2, is_active = $3, document = $4 WHERE id = $1",
            [
                .integer(rollout.id), .text(rollout.state.rawValue), .bool(!rollout.state.isFinal),
                .text(try JSONDocument.text(rollout)),
            ])
        try EndpointStore.note(sql, rollout)
        try sql.appendAudit(
            AuditDraft(
                actor: actor, action: "rollout.\(verb(from: before, to: rollout))", subject: "rollouts/\(rollout.id)",
                before: before.map(audited) ?? .null, after: audited(rollout)),
            at: now)
        return rollout
    }

    private static func verb(from before: Rollout?, to after: Rollout) -> String {
        switch (before?.state, after.state) {
        case (nil, _): "start"
        case (_, .promoted): "promote"
        case (_, .rolledBack): "rollback"
        case (_, .paused): "pause"
        case (.paused?, .progressing): "resume"
        default: "step"
        }
    }

    private static func audited(_ rollout: Rollout) -> JSONValue {
        [
            "endpoint": .string(rollout.endpoint), "candidate": .int(Int64(rollout.candidate)),
            "champion": rollout.champion.map { .int(Int64($0)) } ?? .null,
            "policy_version": .int(Int64(rollout.policyVersion)), "state": .string(rollout.state.rawValue),
            "step": .int(Int64(rollout.step)), "reason": rollout.reason.map { .string($0) } ?? .null,
        ]
    }

    private static func insert(_ sql: SQLConnection, _ rollout: Rollout, championAlias: String) throws {
        do {
            try sql.execute(
                """
                INSERT INTO rollouts (id, endpoint, state, is_active, champion_alias, document)
                VALUES ($1, $2, $3, 1, $4, $5)
                """,
                [
                    .integer(rollout.id), .text(rollout.endpoint), .text(rollout.state.rawValue),
                    .text(championAlias), .text(try JSONDocument.text(rollout)),
                ])
        } catch let error as StorageError where error.kind == .uniqueViolation {
            throw MartletError(
                .failedPrecondition, "A rollout of the endpoint \(rollout.endpoint) is under way.", cause: error)
        }
    }

    /// Evaluations come every few seconds: of those of one step only the newest stays.
    private static func append(_ sql: SQLConnection, _ event: RolloutEvent) throws {
        if event.kind == "evaluated" {
            try sql.execute(
                "DELETE FROM rollout_events WHERE rollout_id = $1 AND step = $2 AND kind = 'evaluated'",
                [.integer(event.rolloutID), .integer(event.step)])
        }
        try sql.execute(
            """
            INSERT INTO rollout_events (rollout_id, sequence, kind, step, document)
            SELECT $1, COALESCE(MAX(sequence), 0) + 1, $2, $3, $4 FROM rollout_events WHERE rollout_id = $1
            """,
            [
                .integer(event.rolloutID), .text(event.kind), .integer(event.step),
                .text(try JSONDocument.text(event)),
            ])
    }

    private static func championAlias(_ sql: SQLConnection, _ id: Int64) throws -> String {
        guard let row = try sql.row("SELECT champion_alias FROM rollouts WHERE id = $1", [.integer(id)]) else {
            throw MartletError.notFound("There is no rollout \(id).")
        }
        return try row.text("champion_alias")
    }

    private static func rollout(_ sql: SQLConnection, _ id: Int64) throws -> Rollout {
        guard let row = try sql.row("SELECT document, endpoint FROM rollouts WHERE id = $1", [.integer(id)]) else {
            throw MartletError.notFound("There is no rollout \(id).")
        }
        return try decode(row)
    }

    private static func decode(_ row: SQLRow) throws -> Rollout {
        var rollout = try JSONDocument.value(Rollout.self, try row.text("document"))
        // The model may have been renamed since: the column follows, the document does not.
        rollout.endpoint = try row.text("endpoint")
        return rollout
    }

    /// Whether a rollout has ever put the version behind its endpoint.
    static func hasTakenTraffic(_ sql: SQLConnection, _ id: ModelVersionID) throws -> Bool {
        try sql.rows("SELECT document FROM rollouts WHERE endpoint = $1", [.text(id.model)]).contains { row in
            let rollout = try JSONDocument.value(Rollout.self, try row.text("document"))
            return rollout.candidate == id.version || rollout.champion == id.version
        }
    }

}
