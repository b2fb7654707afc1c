public import Domain

/// API keys: how principals prove themselves. Secrets are never stored; their SHA-256 is.
public struct KeyStore: Sendable {
    /// Keys in force of one principal at most: enough to rotate, too few to lose sight of.
    public static let keysEachMax = 100
    public static let labelCharactersMax = 200
    /// Ten years.
    public static let validSecondsMax = 315_360_000
    /// Keys that a list gives at most, newest first.
    public static let listMax = 10_000

    let database: Database
    let clock: any WallClock

    public init(database: Database, clock: any WallClock) {
        self.database = database
        self.clock = clock
    }

    /// Makes a key. The answer holds the only copy of its secret.
    ///
    /// - Parameters:
    ///   - validSeconds: its life, 1 to `validSecondsMax`; nil does not expire.
    ///   - onlyModel: confines it to one registered model.
    /// - Throws: `notFound`, `invalidArgument`, `failedPrecondition` for a removed principal, `resourceExhausted`.
    public func issue(
        for name: String, label: String, validSeconds: Int? = nil, onlyModel: String? = nil, actor: Principal
    ) async throws -> IssuedKey {
        guard label.count <= Self.labelCharactersMax else {
            throw MartletError.invalid("A label has at most \(Self.labelCharactersMax) characters.", field: "label")
        }
        if let validSeconds, !(1...Self.validSecondsMax).contains(validSeconds) {
            throw MartletError.invalid("A key lives 1 to \(Self.validSecondsMax) seconds.", field: "valid_seconds")
        }
        let now = clock.now()
        let text = KeyText.random()
        return try await database.write { sql in
            let account = try AccountStore.require(name, in: sql)
            guard account.disabledAt == nil else { throw MartletError.precondition("\(name) is removed.") }
            try Self.requireRoom(for: account, now: now, in: sql)
            let key = APIKey(
                id: text.id, principalID: account.id, principalName: name, label: label, onlyModel: onlyModel,
                createdAt: now, expiresAt: validSeconds.map { now.adding(seconds: Double($0)) })
            try Self.insert(key, secretHash: text.secretHash, actor: actor, in: sql)
            return IssuedKey(key: key, text: text.text)
        }
    }

    /// Newest first, of one principal or of all; with those that ended.
    public func list(principalName: String? = nil) async throws -> [APIKey] {
        try await database.read { sql in
            try sql.rows(
                """
                SELECT k.*, p.name AS principal_name FROM api_keys k JOIN principals p ON p.id = k.principal_id
                WHERE p.name = $1 OR $1 IS NULL ORDER BY k.created_at DESC, k.id LIMIT $2
                """, [.text(principalName), .integer(Self.listMax)]
            ).map(APIKey.init)
        }
    }

    /// One key, in force or not.
    ///
    /// - Throws: `notFound`.
    public func key(id: String) async throws -> APIKey {
        try await database.read { sql in try Self.require(id, in: sql) }
    }

    /// Ends the key. Ending an ended one changes nothing.
    ///
    /// - Throws: `notFound`.
    public func revoke(id: String, actor: Principal) async throws {
        let now = clock.now()
        try await database.write { sql in
            let before = try Self.require(id, in: sql)
            guard before.revokedAt == nil else { return }
            try sql.execute(
                "UPDATE api_keys SET revoked_at = $1 WHERE id = $2", [.integer(now.milliseconds), .text(id)])
            var after = before
            after.revokedAt = now
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "key.revoke", subject: "keys/\(id)", before: before.auditState,
                    after: after.auditState),
                at: now)
        }
    }

    /// The text of a key that no database knows: for a server that has none.
    public static func newKeyText() -> String { KeyText.random().text }

    /// Who holds the key with this text.
    ///
    /// - Returns: nil if the text is no key in force of a principal in force, without saying which it is.
    public func authenticate(_ text: String) async throws -> Authenticated? {
        guard let presented = KeyText(text) else { return nil }
        return try await find(keyID: presented.id) { presented.matches(hash: $0) }
    }

    /// Who holds the key with this id, proven otherwise (a signed session).
    public func holder(ofKey id: String) async throws -> Authenticated? {
        try await find(keyID: id) { _ in true }
    }

    private func find(keyID: String, proof: @escaping @Sendable (String) -> Bool) async throws -> Authenticated? {
        let now = clock.now()
        return try await database.read { sql in
            let row = try sql.row(
                """
                SELECT k.*, p.name AS principal_name, p.roles, p.disabled_at, p.limits FROM api_keys k
                JOIN principals p ON p.id = k.principal_id WHERE k.id = $1
                """, [.text(keyID)])
            guard let row, proof(try row.text("secret_sha256")) else { return nil }
            let key = try APIKey(row)
            guard try row.optionalInteger("disabled_at") == nil, key.isInForce(at: now) else { return nil }
            let principal = Principal(
                id: key.principalID, name: key.principalName, roles: try Account.roles(row.text("roles")),
                onlyModel: key.onlyModel, keyID: key.id,
                limits: try Account.limits(row.optionalText("limits")))
            return Authenticated(principal: principal, expiresAt: key.expiresAt)
        }
    }

    /// A proven principal, and until when its key is in force.
    public struct Authenticated: Sendable, Hashable {
        public var principal: Principal
        /// Nil does not expire.
        public var expiresAt: Timestamp?

        public init(principal: Principal, expiresAt: Timestamp?) {
            self.principal = principal
            self.expiresAt = expiresAt
        }
    }
}

extension KeyStore: NarrowKeyIssuing {
    public func issueNarrowKey(model: String, purpose: String, validSeconds: Int, actor: Principal) async throws
        -> IssuedKey
    {
        guard (1...NarrowKey.validSecondsMax).contains(validSeconds) else {
            throw MartletError.invalid(
                "A narrow key lives 1 to \(NarrowKey.validSecondsMax) seconds.", field: "valid_seconds")
        }
        return try await issue(
            for: "retraining", label: String(purpose.prefix(Self.labelCharactersMax)), validSeconds: validSeconds,
            onlyModel: model, actor: actor)
    }

    public func revokeNarrowKey(id: String, actor: Principal) async throws {
        try await revoke(id: id, actor: actor)
    }
}

extension KeyStore {
    static func insert(_ key: APIKey, secretHash: String, actor: Principal, in sql: SQLConnection) throws {
        try sql.execute(
            """
            INSERT INTO api_keys (id, principal_id, label, secret_sha256, only_model, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [
                .text(key.id), .text(key.principalID.rawValue), .text(key.label), .text(secretHash),
                .text(key.onlyModel),
                .integer(key.createdAt.milliseconds), .integer(key.expiresAt?.milliseconds),
            ])
        try sql.appendAudit(
            AuditDraft(actor: actor, action: "key.create", subject: "keys/\(key.id)", after: key.auditState),
            at: key.createdAt)
    }

    private static func require(_ id: String, in sql: SQLConnection) throws -> APIKey {
        let row = try sql.row(
            """
            SELECT k.*, p.name AS principal_name FROM api_keys k JOIN principals p ON p.id = k.principal_id WHERE k.id = $1
            """, [.text(id)])
        guard let row else { throw MartletError.notFound("There is no key with the id \(id).") }
        return try APIKey(row)
    }

    private static func requireRoom(for account: Account, now: Timestamp, in sql: SQLConnection) throws {
        let count = try sql.row(
            """
            SELECT COUNT(*) AS n FROM api_keys
            WHERE principal_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
            """, [.text(account.id.rawValue), .integer(now.milliseconds)])
        guard try count?.int("n") ?? 0 < keysEachMax else {
            throw MartletError(
                .resourceExhausted, "\(account.name) has \(keysEachMax) keys in force. Revoke one first.",
                field: "principal")
        }
    }
}

extension APIKey {
    init(_ row: SQLRow) throws {
        self.init(
            id: try row.text("id"), principalID: Principal.ID(rawValue: try row.text("principal_id")),
            principalName: try row.text("principal_name"), label: try row.text("label"),
            onlyModel: try row.optionalText("only_model"),
            createdAt: Timestamp(milliseconds: try row.integer("created_at")),
            expiresAt: try row.optionalInteger("expires_at").map { Timestamp(milliseconds: $0) },
            revokedAt: try row.optionalInteger("revoked_at").map { Timestamp(milliseconds: $0) })
    }

    /// Everything but the hash: the audit chain is exported.
    var auditState: JSONValue {
        [
            "principal_id": .string(principalID.rawValue), "principal_name": .string(principalName),
            "label": .string(label),
            "only_model": onlyModel.map { .string($0) } ?? .null,
            "expires_at": expiresAt.map { .int($0.milliseconds) } ?? .null,
            "revoked_at": revokedAt.map { .int($0.milliseconds) } ?? .null,
        ]
    }
}
