public import Domain

internal import struct Foundation.Data
internal import class Foundation.JSONDecoder
internal import class Foundation.JSONEncoder

/// Who may move which alias.
public struct AliasRuleStore: Sendable {
    /// Rules of one model at most.
    public static let rulesMax = 1_000

    let database: Database
    let clock: any WallClock

    public init(database: Database, clock: any WallClock) {
        self.database = database
        self.clock = clock
    }

    /// Sets or replaces the rule of an alias, which need not be set yet.
    ///
    /// - Throws: `notFound` for the model, `invalidArgument` for a rule that names nobody, everybody or an unknown principal.
    public func protect(
        _ model: String, alias: String, roles: [Role], principals: [String], by actor: Principal
    ) async throws -> AliasRule {
        try RegistryStore.checkAlias(alias)
        guard !roles.isEmpty || !principals.isEmpty else {
            throw MartletError.invalid("A rule names at least one role or principal who may move the alias.")
        }
        guard !roles.contains(.viewer) else {
            throw MartletError.invalid(
                "Viewers may change nothing, so that the role viewer cannot protect an alias.", field: "roles")
        }
        guard roles.count + principals.count <= AliasRule.namedMax else {
            throw MartletError.invalid("A rule names at most \(AliasRule.namedMax) roles and principals.")
        }
        let rule = AliasRule(
            model: model, alias: alias, roles: roles, principals: principals, setBy: actor.name, setAt: clock.now())
        try await database.write { sql in
            _ = try RegistryStore.model(sql, name: model)
            for name in principals {
                let row = try sql.row(
                    "SELECT 1 AS one FROM principals WHERE name = $1 AND disabled_at IS NULL", [.text(name)])
                guard row != nil else {
                    throw MartletError.invalid("There is no principal named \(name).", field: "principals")
                }
            }
            let old = try Self.rule(sql, model: model, alias: alias)
            try Self.save(sql, rule)
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "alias.protect", subject: "models/\(model)/aliases/\(alias)",
                    before: old.map(Self.audited) ?? .null, after: Self.audited(rule)),
                at: rule.setAt)
        }
        return rule
    }

    /// - Throws: `notFound` if the alias has no rule.
    public func unprotect(_ model: String, alias: String, by actor: Principal) async throws {
        let now = clock.now()
        try await database.write { sql in
            guard let old = try Self.rule(sql, model: model, alias: alias) else {
                throw MartletError.notFound("The alias '\(alias)' of '\(model)' is not protected.")
            }
            try sql.execute(
                "DELETE FROM alias_rules WHERE name = $1 AND alias = $2", [.text(model), .text(alias)])
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "alias.unprotect", subject: "models/\(model)/aliases/\(alias)",
                    before: Self.audited(old)),
                at: now)
        }
    }

    /// By alias.
    public func rules(of model: String) async throws -> [AliasRule] {
        try await database.read { try Self.rules($0, model: model) }
    }

    // MARK: inside a transaction

    /// - Throws: `permissionDenied` if a rule keeps the actor from moving the alias.
    static func require(_ sql: SQLConnection, _ actor: Principal, toMove alias: String, of model: String) throws {
        try rule(sql, model: model, alias: alias)?.require(actor, to: "move the alias '\(alias)' of '\(model)'")
    }

    /// For what takes several aliases away at once: deleting or renaming a model, deleting a version.
    static func require(
        _ sql: SQLConnection, _ actor: Principal, to action: String, of model: String,
        taking aliases: some Sequence<String>
    ) throws {
        let rules = try rules(sql, model: model)
        for alias in aliases {
            try rules.first { $0.alias == alias }?.require(actor, to: action)
        }
    }

    /// A renamed model stays under its rules; so does the name that it leaves, for whoever takes it.
    ///
    /// - Throws: `invalidArgument` if the new name has rules of its own, of a model that was deleted.
    static func copy(_ sql: SQLConnection, from name: String, to newName: String) throws {
        guard try rules(sql, model: newName).isEmpty else {
            throw MartletError.invalid(
                "The name '\(newName)' has protected aliases of a model that was deleted. Choose another name, or have an operator remove them with: martlet alias unprotect",
                field: "new_name")
        }
        for var rule in try rules(sql, model: name) {
            rule.model = newName
            try save(sql, rule)
        }
    }

    private static func rules(_ sql: SQLConnection, model: String) throws -> [AliasRule] {
        try sql.rows(
            "SELECT * FROM alias_rules WHERE name = $1 ORDER BY alias LIMIT $2",
            [.text(model), .integer(rulesMax)]
        ).map(decode)
    }

    private static func rule(_ sql: SQLConnection, model: String, alias: String) throws -> AliasRule? {
        try sql.row(
            "SELECT * FROM alias_rules WHERE name = $1 AND alias = $2", [.text(model), .text(alias)]
        ).map(decode)
    }

    private static func save(_ sql: SQLConnection, _ rule: AliasRule) throws {
        try sql.execute(
            """
            INSERT INTO alias_rules (name, alias, roles, principals, set_by, set_at) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (name, alias) DO UPDATE SET roles = excluded.roles, principals = excluded.principals,
                set_by = excluded.set_by, set_at = excluded.set_at
            """,
            [
                .text(rule.model), .text(rule.alias), .text(try text(rule.roles.map(\.rawValue))),
                .text(try text(rule.principals)), .text(rule.setBy), .integer(rule.setAt.milliseconds),
            ])
    }

    private static func decode(_ row: SQLRow) throws -> AliasRule {
        AliasRule(
            model: try row.text("name"), alias: try row.text("alias"),
            roles: try JSONDecoder().decode([Role].self, from: Data(try row.text("roles").utf8)),
            principals: try JSONDecoder().decode([String].self, from: Data(try row.text("principals").utf8)),
            setBy: try row.text("set_by"), setAt: Timestamp(milliseconds: try row.integer("set_at")))
    }

    private static func text(_ names: [String]) throws -> String {
        String(decoding: try JSONEncoder().encode(names), as: UTF8.self)
    }

    private static func audited(_ rule: AliasRule) -> JSONValue {
        [
            "roles": .array(rule.roles.map { .string($0.rawValue) }),
            "principals": .array(rule.principals.map { .string($0) }),
        ]
    }
}
