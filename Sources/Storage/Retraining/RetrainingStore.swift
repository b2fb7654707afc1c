public import Domain

/// Retraining runs in registry.db.
public struct RetrainingStore: RetrainingKeeping {
    /// Of one page.
    static let rowsMax = 1_000

    let database: Database
    let clock: any WallClock

    public init(database: Database, clock: any WallClock) {
        self.database = database
        self.clock = clock
    }

    public func begin(
        model: String, trigger: RetrainingRun.Trigger, reason: String, cooldownSeconds: Double, by actor: Principal
    ) async throws -> RetrainingRun {
        let now = clock.now()
        return try await database.write { sql in
            let last = try sql.row(
                "SELECT id, state, started_at FROM retraining_runs WHERE model = $1 ORDER BY id DESC LIMIT 1",
                [.text(model)])
            if let last {
                let id = try last.integer("id")
                if try last.text("state") == RetrainingRun.State.running.rawValue {
                    throw MartletError.precondition("The retraining run \(id) of \(model) is under way.")
                }
                let passed = now.seconds(since: Timestamp(milliseconds: try last.integer("started_at")))
                // A clock that was set back does not hold retraining up for ever.
                if passed >= 0, passed < cooldownSeconds {
                    throw MartletError.precondition(
                        "The retraining run \(id) of \(model) began \(Int(passed)) s ago; the policy's cooldown is \(Int(cooldownSeconds)) s."
                    )
                }
            }
            let id = try sql.row("SELECT COALESCE(MAX(id), 0) + 1 AS next FROM retraining_runs")?.integer("next") ?? 1
            let run = RetrainingRun(
                id: id, model: model, trigger: trigger, reason: reason, state: .running, startedBy: actor.name,
                startedAt: now)
            try sql.execute(
                """
                INSERT INTO retraining_runs (id, model, state, started_at, log_tail, body)
                VALUES ($1, $2, $3, $4, '', $5)
                """,
                [
                    .integer(id), .text(model), .text(run.state.rawValue), .integer(now.milliseconds),
                    .text(try JSONDocument.text(run)),
                ])
            try Self.audit(sql, "retraining.start", run, by: actor, at: now)
            try OpenLineageOutbox.note(sql, .retrainingStarted, String(id), at: now)
            return run
        }
    }

    public func end(_ run: RetrainingRun) async throws {
        let now = clock.now()
        try await database.write { sql in try Self.update(sql, run, at: now) }
    }

    public func markInterrupted() async throws -> Int {
        let now = clock.now()
        return try await database.write { sql in
            let running = try sql.rows("SELECT body, log_tail FROM retraining_runs WHERE state = 'running'")
            for row in running {
                var run = try Self.decode(row)
                run.state = .interrupted
                run.endedAt = now
                try Self.update(sql, run, at: now)
            }
            return running.count
        }
    }

    public func run(_ id: Int64) async throws -> RetrainingRun {
        try await database.read { sql in
            guard let row = try sql.row("SELECT body, log_tail FROM retraining_runs WHERE id = $1", [.integer(id)])
            else { throw MartletError.notFound("There is no retraining run \(id).") }
            return try Self.decode(row)
        }
    }

    public func runs(model: String?, before: Int64?, limit: Int) async throws -> [RetrainingRun] {
        try await database.read { sql in
            try sql.rows(
                """
                SELECT body, '' AS log_tail FROM retraining_runs WHERE (model = $1 OR $1 = '') AND id < $2
                ORDER BY id DESC LIMIT $3
                """,
                [
                    .text(model ?? ""), .integer(before ?? .max), .integer(min(max(limit, 1), Self.rowsMax)),
                ]
            ).map(Self.decode)
        }
    }

    // MARK: inside a transaction

    /// The log is a column of its own, so that lists need not read it.
    private static func update(_ sql: SQLConnection, _ run: RetrainingRun, at now: Timestamp) throws {
        var body = run
        body.logTail = ""
        try sql.execute(
            "UPDATE retraining_runs SET state = $2, log_tail = $3, body = $4 WHERE id = $1",
            [
                .integer(run.id), .text(run.state.rawValue), .text(run.logTail.replacing("\0", with: "\u{FFFD}")),
                .text(try JSONDocument.text(body)),
            ])
        try audit(sql, "retraining.end", run, by: .retraining, at: now)
        try OpenLineageOutbox.note(sql, .retrainingEnded, String(run.id), at: now)
    }

    private static func audit(
        _ sql: SQLConnection, _ action: String, _ run: RetrainingRun, by actor: Principal, at now: Timestamp
    ) throws {
        try sql.appendAudit(
            AuditDraft(
                actor: actor, action: action, subject: "retraining/\(run.id)",
                after: [
                    "model": .string(run.model), "trigger": .string(run.trigger.rawValue),
                    "reason": .string(run.reason), "state": .string(run.state.rawValue),
                    "dataset_digest": run.datasetDigest.map { .string($0) } ?? .null,
                    "versions": .array(run.versions.map { .int(Int64($0)) }),
                ]),
            at: now)
    }

    private static func decode(_ row: SQLRow) throws -> RetrainingRun {
        var run = try JSONDocument.value(RetrainingRun.self, try row.text("body"))
        run.logTail = try row.text("log_tail")
        return run
    }
}
