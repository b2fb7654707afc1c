public import Domain

/// Policies in registry.db, each version whole.
public struct PolicyStore: PolicyKeeping, ChampionAliasGuard {
    /// Of one answer.
    static let rowsMax = 1_000

    let database: Database
    let clock: any WallClock

    public init(database: Database, clock: any WallClock) {
        self.database = database
        self.clock = clock
    }

    public func apply(
        _ policy: Policy, document: String, by actor: Principal,
        loosened: @escaping @Sendable (Policy, Policy) -> [String]
    ) async throws -> PolicyVersion {
        let now = clock.now()
        return try await database.write { sql in
            let inForce = try Self.inForce(sql, policy.model)
            if let waiting = try Self.waiting(sql, policy.model) {
                throw MartletError.precondition(
                    "Version \(waiting.version) of the policy of \(policy.model) waits for approval. Approve or reject it first: `martlet approval list --model \(policy.model)`."
                )
            }
            if let inForce, inForce.policy == policy { return inForce }
            let loosens = inForce.map { loosened($0.policy, policy) } ?? []
            var new = PolicyVersion(
                model: policy.model, version: try Self.nextVersion(sql, policy.model), policy: policy,
                document: document, state: .pendingApproval, author: actor.id, authorName: actor.name, appliedAt: now,
                loosens: loosens)
            try Self.insert(sql, new, by: actor, at: now)
            if let inForce, !loosens.isEmpty {
                try ApprovalStore.insert(
                    sql, subject: .policy(model: new.model, version: new.version), policyVersion: inForce,
                    readiness: nil, by: actor, at: now)
            } else {
                new = try Self.bringInForce(sql, new, by: actor, at: now)
            }
            return new
        }
    }

    public func policyInForce(_ model: String) async throws -> PolicyVersion? {
        try await database.read { try Self.inForce($0, model) }
    }

    public func policiesInForce() async throws -> [PolicyVersion] {
        try await database.read { sql in
            try sql.rows(
                "SELECT body FROM policies WHERE state = 'in_force' ORDER BY model LIMIT \(Self.rowsMax)"
            ).map(Self.decode)
        }
    }

    public func policyVersions(_ model: String) async throws -> [PolicyVersion] {
        try await database.read { sql in
            try sql.rows(
                "SELECT body FROM policies WHERE model = $1 ORDER BY version DESC LIMIT \(Self.rowsMax)",
                [.text(model)]
            ).map(Self.decode)
        }
    }

    public func policyVersion(_ model: String, _ version: Int) async throws -> PolicyVersion {
        try await database.read { try Self.version($0, model, version) }
    }

    public func championAlias(model: String) async throws -> String? {
        try await policyInForce(model)?.policy.championAlias
    }

    // MARK: inside a transaction

    static func inForce(_ sql: SQLConnection, _ model: String) throws -> PolicyVersion? {
        try sql.row("SELECT body FROM policies WHERE model = $1 AND state = 'in_force'", [.text(model)]).map(decode)
    }

    private static func waiting(_ sql: SQLConnection, _ model: String) throws -> PolicyVersion? {
        try sql.row("SELECT body FROM policies WHERE model = $1 AND state = 'pending_approval'", [.text(model)])
            .map(decode)
    }

    static func version(_ sql: SQLConnection, _ model: String, _ version: Int) throws -> PolicyVersion {
        let row = try sql.row(
            "SELECT body FROM policies WHERE model = $1 AND version = $2", [.text(model), .integer(version)])
        guard let row else { throw MartletError.notFound("The model \(model) has no policy version \(version).") }
        return try decode(row)
    }

    /// The version governs from now on, and the one before no more.
    @discardableResult
    static func bringInForce(
        _ sql: SQLConnection, _ policy: PolicyVersion, by actor: Principal, at now: Timestamp
    ) throws -> PolicyVersion {
        let present = try inForce(sql, policy.model)
        if present?.policy.championAlias != policy.policy.championAlias {
            try refuseUnearnedAlias(sql, policy.model, alias: policy.policy.championAlias)
        }
        if var old = present {
            old.state = .superseded
            try update(sql, old)
        }
        var new = policy
        new.state = .inForce
        new.inForceAt = now
        try update(sql, new)
        try audit(sql, "policy.in_force", new, by: actor, at: now)
        return new
    }

    /// The champion alias tells what serves. One that was set by hand, before a policy guarded it, would say so of a version that
    /// nobody approved, and from then on nobody could move it.
    private static func refuseUnearnedAlias(_ sql: SQLConnection, _ model: String, alias: String) throws {
        let row = try sql.row(
            """
            SELECT a.version AS version FROM registered_model_aliases a
            WHERE a.name = $1 AND a.alias = $2 AND NOT EXISTS (
                SELECT 1 FROM endpoint_variants v
                WHERE v.name = a.name AND v.version = a.version AND v.role = 'champion')
            """, [.text(model), .text(alias)])
        guard let row else { return }
        throw MartletError.precondition(
            "The alias '\(alias)' of '\(model)' points at version \(try row.int("version")), which no rollout has brought into service, and the policy would hold it there. Remove it first: MlflowClient().delete_registered_model_alias(\"\(model)\", \"\(alias)\"). The rollout will set it."
        )
    }

    static func reject(_ sql: SQLConnection, _ policy: PolicyVersion, by actor: Principal, at now: Timestamp) throws {
        var rejected = policy
        rejected.state = .rejected
        try update(sql, rejected)
        try audit(sql, "policy.reject", rejected, by: actor, at: now)
    }

    private static func nextVersion(_ sql: SQLConnection, _ model: String) throws -> Int {
        try sql.row("SELECT COALESCE(MAX(version), 0) + 1 AS next FROM policies WHERE model = $1", [.text(model)])?
            .int("next") ?? 1
    }

    private static func insert(_ sql: SQLConnection, _ policy: PolicyVersion, by actor: Principal, at now: Timestamp)
        throws
    {
        try sql.execute(
            "INSERT INTO policies (model, version, state, body) VALUES ($1, $2, $3, $4)",
            [
                .text(policy.model), .integer(policy.version), .text(policy.state.rawValue),
                .text(try JSONDocument.text(policy)),
            ])
        try audit(sql, "policy.apply", policy, by: actor, at: now)
    }

    private static func update(_ sql: SQLConnection, _ policy: PolicyVersion) throws {
        try sql.execute(
            "UPDATE policies SET state = $3, body = $4 WHERE model = $1 AND version = $2",
            [
                .text(policy.model), .integer(policy.version), .text(policy.state.rawValue),
                .text(try JSONDocument.text(policy)),
            ])
    }

    /// The whole text goes into the chain, so that what was in force can be proved without the table.
    private static func audit(
        _ sql: SQLConnection, _ action: String, _ policy: PolicyVersion, by actor: Principal, at now: Timestamp
    ) throws {
        var after: [String: JSONValue] = [
            "state": .string(policy.state.rawValue), "loosens": .array(policy.loosens.map { .string($0) }),
        ]
        if action == "policy.apply" { after["document"] = .string(policy.document) }
        try sql.appendAudit(
            AuditDraft(
                actor: actor, action: action, subject: "policies/\(policy.model)/versions/\(policy.version)",
                after: .object(after)),
            at: now)
    }

    static func decode(_ row: SQLRow) throws -> PolicyVersion {
        try JSONDocument.value(PolicyVersion.self, try row.text("body"))
    }
}
