public import Domain

/// Principals: who may act at all. Every change appends its audit event in the same transaction.
public struct AccountStore: Sendable {
    /// Principals at most. Lists give all of them at once.
    public static let principalsMax = 10_000

    let database: Database
    let clock: any WallClock

    public init(database: Database, clock: any WallClock) {
        self.database = database
        self.clock = clock
    }

    /// Makes a principal with the given roles.
    ///
    /// - Throws: `invalidArgument` for an illegal name or no role, `alreadyExists` if the name is or was taken.
    public func create(name: String, roles: Set<Role>, actor: Principal) async throws -> Account {
        try PrincipalName.validate(name)
        guard !roles.isEmpty else { throw MartletError.invalid("A principal needs at least one role.", field: "roles") }
        let account = Account(
            id: Principal.ID(rawValue: "p-" + Self.randomID()), name: name, roles: roles, createdAt: clock.now())
        return try await database.write { sql in
            try Self.insert(account, actor: actor, in: sql)
            return account
        }
    }

    /// All principals, by name.
    public func list() async throws -> [Account] {
        try await database.read { sql in
            try sql.rows("SELECT * FROM principals ORDER BY name LIMIT $1", [.integer(Self.principalsMax)]).map(
                Account.init)
        }
    }

    /// - Throws: `notFound`.
    public func account(named name: String) async throws -> Account {
        try await database.read { sql in try Self.require(name, in: sql) }
    }

    /// Gives the principal exactly these roles.
    ///
    /// - Throws: `notFound`; `failedPrecondition` for a part of Martlet itself, or the last administrator.
    public func setRoles(_ roles: Set<Role>, of name: String, actor: Principal) async throws -> Account {
        guard !roles.isEmpty else { throw MartletError.invalid("A principal needs at least one role.", field: "roles") }
        let now = clock.now()
        return try await database.write { sql in
            let before = try Self.requireGovernable(name, in: sql)
            if !roles.contains(.administrator) { try Self.requireAnotherAdministrator(than: before, in: sql) }
            var after = before
            after.roles = roles
            try sql.execute(
                "UPDATE principals SET roles = $1 WHERE id = $2", [.text(Self.text(roles)), .text(after.id.rawValue)])
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "principal.set_roles", subject: "principals/\(name)",
                    before: before.auditState,
                    after: after.auditState), at: now)
            return after
        }
    }

    /// Bounds how many predictions the principal may ask for; nil ends all bounds.
    ///
    /// - Throws: `notFound`; `invalidArgument`, naming the limit; `failedPrecondition` for a part of Martlet itself.
    public func setLimits(_ limits: RequestLimits?, of name: String, actor: Principal) async throws -> Account {
        try limits?.validate()
        let now = clock.now()
        return try await database.write { sql in
            let before = try Self.requireGovernable(name, in: sql)
            var after = before
            after.limits = limits
            try sql.execute(
                "UPDATE principals SET limits = $1 WHERE id = $2",
                [.text(try limits.map { try JSONDocument.text($0) }), .text(after.id.rawValue)])
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "principal.set_limits", subject: "principals/\(name)",
                    before: try before.limitsState, after: try after.limitsState), at: now)
            return after
        }
    }

    /// Disables the principal and revokes all its keys. Its name stays taken: what was recorded under it stays its own.
    ///
    /// - Throws: `notFound`; `failedPrecondition` for a part of Martlet itself, or the last administrator.
    public func remove(name: String, actor: Principal) async throws {
        let now = clock.now()
        try await database.write { sql in
            let before = try Self.requireGovernable(name, in: sql)
            try Self.requireAnotherAdministrator(than: before, in: sql)
            let values: [SQLValue] = [.integer(now.milliseconds), .text(before.id.rawValue)]
            try sql.execute("UPDATE principals SET disabled_at = $1 WHERE id = $2", values)
            try sql.execute(
                "UPDATE api_keys SET revoked_at = $1 WHERE principal_id = $2 AND revoked_at IS NULL", values)
            var after = before
            after.disabledAt = now
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "principal.remove", subject: "principals/\(name)", before: before.auditState,
                    after: after.auditState), at: now)
        }
    }

    /// The first start: makes the principal `admin` with a key, unless any person's account exists.
    ///
    /// - Parameter persist: keeps the key's text where the administrator finds it, before the account is made durable; when it
    ///   throws, nothing is made.
    /// - Returns: whether the administrator was made now.
    public func createFirstAdministrator(persist: @escaping @Sendable (String) throws -> Void) async throws -> Bool {
        let now = clock.now()
        return try await database.write { sql in
            guard try sql.row("SELECT id FROM principals WHERE is_system = 0 LIMIT 1") == nil else { return false }
            let account = Account(
                id: Principal.ID(rawValue: "p-" + Self.randomID()), name: "admin", roles: [.administrator],
                createdAt: now)
            try Self.insert(account, actor: .system, in: sql)
            let text = KeyText.random()
            let key = APIKey(
                id: text.id, principalID: account.id, principalName: account.name, label: "first start", createdAt: now)
            try KeyStore.insert(key, secretHash: text.secretHash, actor: .system, in: sql)
            try persist(text.text)
            return true
        }
    }
}

extension AccountStore {
    static func insert(_ account: Account, actor: Principal, in sql: SQLConnection) throws {
        let taken = try sql.row("SELECT 1 AS one FROM principals WHERE name = $1", [.text(account.name)])
        guard taken == nil else {
            throw MartletError(.alreadyExists, "A principal named \(account.name) exists, or existed.", field: "name")
        }
        try sql.execute(
            "INSERT INTO principals (id, name, roles, is_system, created_at) VALUES ($1, $2, $3, 0, $4)",
            [
                .text(account.id.rawValue), .text(account.name), .text(text(account.roles)),
                .integer(account.createdAt.milliseconds),
            ])
        try sql.appendAudit(
            AuditDraft(
                actor: actor, action: "principal.create", subject: "principals/\(account.name)",
                after: account.auditState),
            at: account.createdAt)
    }

    static func require(_ name: String, in sql: SQLConnection) throws -> Account {
        guard let row = try sql.row("SELECT * FROM principals WHERE name = $1", [.text(name)]) else {
            throw MartletError.notFound("There is no principal named \(name).")
        }
        return try Account(row)
    }

    private static func requireGovernable(_ name: String, in sql: SQLConnection) throws -> Account {
        let account = try require(name, in: sql)
        guard !account.isSystem else {
            throw MartletError.precondition("\(name) is a part of Martlet and cannot be changed.")
        }
        guard account.disabledAt == nil else { throw MartletError.precondition("\(name) is removed already.") }
        return account
    }

    /// Without an administrator nobody could ever make one again.
    private static func requireAnotherAdministrator(than account: Account, in sql: SQLConnection) throws {
        guard account.roles.contains(.administrator) else { return }
        let others = try sql.rows(
            "SELECT * FROM principals WHERE disabled_at IS NULL AND is_system = 0 AND id <> $1",
            [.text(account.id.rawValue)])
        guard try others.map(Account.init).contains(where: { $0.roles.contains(.administrator) }) else {
            throw MartletError.precondition("\(account.name) is the last administrator. Make another one first.")
        }
    }

    static func text(_ roles: Set<Role>) -> String {
        JSONValue.array(roles.map(\.rawValue).sorted().map { .string($0) }).canonicalText
    }

    /// 80 random bits as hexadecimal text.
    static func randomID() -> String {
        Hex.random(bytes: 10)
    }
}

extension Account {
    init(_ row: SQLRow) throws {
        self.init(
            id: Principal.ID(rawValue: try row.text("id")), name: try row.text("name"),
            roles: try Self.roles(row.text("roles")),
            isSystem: try row.bool("is_system"), createdAt: Timestamp(milliseconds: try row.integer("created_at")),
            disabledAt: try row.optionalInteger("disabled_at").map { Timestamp(milliseconds: $0) },
            limits: try Self.limits(row.optionalText("limits")))
    }

    static func limits(_ text: String?) throws -> RequestLimits? {
        try text.map { try JSONDocument.value(RequestLimits.self, $0) }
    }

    /// Roles are written as a JSON array of names without escapes.
    static func roles(_ text: String) throws -> Set<Role> {
        let names = text.split { "[]\", ".contains($0) }
        return Set(
            try names.map { name in
                guard let role = Role(rawValue: String(name)) else {
                    throw StorageError(.decoding, "The account has the unknown role \(name).")
                }
                return role
            })
    }

    var auditState: JSONValue {
        [
            "id": .string(id.rawValue), "roles": .array(roles.map(\.rawValue).sorted().map { .string($0) }),
            "disabled": .bool(disabledAt != nil),
        ]
    }

    fileprivate var limitsState: JSONValue {
        get throws {
            .object(["limits": .string(try limits.map { try JSONDocument.text($0) } ?? "none")])
        }
    }
}
