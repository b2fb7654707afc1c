public import Domain

/// Requests for approval in registry.db, with what they do to a policy in one transaction.
public struct ApprovalStore: ApprovalKeeping {
    /// Of one page.
    static let rowsMax = 1_000

    let database: Database
    let clock: any WallClock

    public init(database: Database, clock: any WallClock) {
        self.database = database
        self.clock = clock
    }

    public func request(
        _ version: ModelVersionID, policyVersion: PolicyVersion, readiness: ReadinessReport, by actor: Principal
    ) async throws -> Approval {
        let now = clock.now()
        return try await database.write { sql in
            _ = try RegistryStore.version(sql, version)
            guard try PolicyStore.inForce(sql, version.model)?.version == policyVersion.version else {
                throw MartletError.precondition("The policy of \(version.model) changed just now. Try again.")
            }
            if var waiting = try Self.waiting(sql, version) {
                guard waiting.policyVersion != policyVersion.version else {
                    throw MartletError.precondition("The request \(waiting.id) for \(version) waits already.")
                }
                waiting.state = .rejected
                waiting.decisions.append(
                    Approval.Decision(
                        principal: Principal.system.id, principalName: Principal.system.name, approves: false,
                        reason: "The policy changed; asked again under version \(policyVersion.version).", time: now))
                try Self.update(sql, waiting)
            }
            return try Self.insert(
                sql, subject: .modelVersion(version), policyVersion: policyVersion, readiness: readiness, by: actor,
                at: now)
        }
    }

    public func decide(
        _ id: Int64, by actor: Principal, _ decide: @escaping @Sendable (Approval, PolicyVersion?) throws -> Approval
    ) async throws -> Approval {
        let now = clock.now()
        return try await database.write { sql in
            let before = try Self.approval(sql, id)
            let after = try decide(before, try PolicyStore.inForce(sql, before.subject.model))
            try Self.update(sql, after)
            let last = after.decisions.last
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: last?.approves == true ? "approval.approve" : "approval.reject",
                    subject: "approvals/\(id)", before: ["state": .string(before.state.rawValue)],
                    after: Self.audited(after, reason: last?.reason)),
                at: now)
            if case .policy(let model, let version) = after.subject, after.state != .pending {
                let policy = try PolicyStore.version(sql, model, version)
                if after.state == .approved {
                    try PolicyStore.bringInForce(sql, policy, by: actor, at: now)
                } else {
                    try PolicyStore.reject(sql, policy, by: actor, at: now)
                }
            }
            return after
        }
    }

    public func approval(_ id: Int64) async throws -> Approval {
        try await database.read { try Self.approval($0, id) }
    }

    public func readiness(ofApproval id: Int64) async throws -> ReadinessReport? {
        try await database.read { sql in
            guard let row = try sql.row("SELECT readiness FROM approvals WHERE id = $1", [.integer(id)]) else {
                throw MartletError.notFound("There is no approval \(id).")
            }
            return try row.optionalText("readiness").map { try JSONDocument.value(ReadinessReport.self, $0) }
        }
    }

    public func approvals(
        model: String?, state: Approval.State?, before: Int64?, limit: Int
    ) async throws -> [Approval] {
        try await database.read { sql in
            try sql.rows(
                """
                SELECT body FROM approvals WHERE (model = $1 OR $1 = '') AND (state = $2 OR $2 = '') AND id < $3
                ORDER BY id DESC LIMIT $4
                """,
                [
                    .text(model ?? ""), .text(state?.rawValue ?? ""), .integer(before ?? .max),
                    .integer(min(max(limit, 1), Self.rowsMax)),
                ]
            ).map(Self.decode)
        }
    }

    public func approvals(of version: ModelVersionID) async throws -> [Approval] {
        try await database.read { sql in
            try sql.rows(
                """
                SELECT body FROM approvals WHERE kind = 'model_version' AND model = $1 AND version = $2
                ORDER BY id DESC LIMIT \(Self.rowsMax)
                """, [.text(version.model), .integer(version.version)]
            ).map(Self.decode)
        }
    }

    // MARK: inside a transaction

    @discardableResult
    static func insert(
        _ sql: SQLConnection, subject: Approval.Subject, policyVersion: PolicyVersion, readiness: ReadinessReport?,
        by actor: Principal, at now: Timestamp
    ) throws -> Approval {
        let id = try sql.row("SELECT COALESCE(MAX(id), 0) + 1 AS next FROM approvals")?.integer("next") ?? 1
        let approval = Approval(
            id: id, subject: subject, requestedBy: actor.id, requestedByName: actor.name, requestedAt: now,
            rule: policyVersion.policy.approvals, policyVersion: policyVersion.version)
        try sql.execute(
            """
            INSERT INTO approvals (id, kind, model, version, state, body, readiness)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [
                .integer(id), .text(subject.kind), .text(subject.model), .integer(subject.version),
                .text(approval.state.rawValue), .text(try JSONDocument.text(approval)),
                try readiness.map { .text(try JSONDocument.text($0)) } ?? .null,
            ])
        try sql.appendAudit(
            AuditDraft(
                actor: actor, action: "approval.request", subject: "approvals/\(id)", after: audited(approval)),
            at: now)
        return approval
    }

    private static func update(_ sql: SQLConnection, _ approval: Approval) throws {
        try sql.execute(
            "UPDATE approvals SET state = $2, body = $3 WHERE id = $1",
            [.integer(approval.id), .text(approval.state.rawValue), .text(try JSONDocument.text(approval))])
    }

    private static func audited(_ approval: Approval, reason: String? = nil) -> JSONValue {
        [
            "kind": .string(approval.subject.kind), "model": .string(approval.subject.model),
            "version": .int(Int64(approval.subject.version)), "policy_version": .int(Int64(approval.policyVersion)),
            "state": .string(approval.state.rawValue), "reason": reason.map { .string($0) } ?? .null,
        ]
    }

    private static func approval(_ sql: SQLConnection, _ id: Int64) throws -> Approval {
        guard let row = try sql.row("SELECT body FROM approvals WHERE id = $1", [.integer(id)]) else {
            throw MartletError.notFound("There is no approval \(id).")
        }
        return try decode(row)
    }

    private static func waiting(_ sql: SQLConnection, _ version: ModelVersionID) throws -> Approval? {
        try sql.row(
            """
            SELECT body FROM approvals
            WHERE kind = 'model_version' AND model = $1 AND version = $2 AND state = 'pending'
            """, [.text(version.model), .integer(version.version)]
        ).map(decode)
    }

    private static func decode(_ row: SQLRow) throws -> Approval {
        try JSONDocument.value(Approval.self, try row.text("body"))
    }
}
