public import Domain

internal import struct Foundation.UUID

/// Webhooks. Their deliveries are in `WebhookStore+Deliveries`; what is to be delivered is written by `WebhookOutbox`.
public struct WebhookStore: Sendable {
    let database: Database
    let clock: any WallClock
    let sealer: any SecretSealing
    let cipher: ColumnCipher

    /// - Parameters:
    ///   - sealer: seals secrets with a key beside the database.
    ///   - cipher: encrypts what that gives, where encryption at rest is on.
    public init(
        database: Database, clock: any WallClock, sealer: any SecretSealing, cipher: ColumnCipher = .off
    ) {
        self.database = database
        self.clock = clock
        self.sealer = sealer
        self.cipher = cipher
    }

    /// - Parameter draft: name, url and events are needed.
    /// - Throws: `invalidArgument`, `resourceExhausted` for more webhooks than a server has.
    public func create(_ draft: WebhookDraft, by actor: Principal) async throws -> Webhook {
        try draft.check()
        guard let name = draft.name, let url = draft.url, let events = draft.events else {
            throw MartletError.invalid("A webhook has a name, a URL and events.")
        }
        let (now, id) = (clock.now(), UUID().uuidString.lowercased())
        let sealed = try seal(draft.secret, of: id)
        return try await database.write { sql in
            let count = try sql.row("SELECT count(*) AS count FROM webhooks WHERE deleted = 0")?.int("count") ?? 0
            guard count < WebhookRules.webhooksMax else {
                throw MartletError(
                    .resourceExhausted, "There are \(WebhookRules.webhooksMax) webhooks, which is all that may be.")
            }
            try sql.execute(
                """
                INSERT INTO webhooks (webhook_id, name, description, url, sealed_secret, status, created_at, updated_at,
                    created_by, created_by_name)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9)
                """,
                [
                    .text(id), .text(name), .text(draft.description), .text(url), .text(sealed),
                    .text((draft.status ?? .active).rawValue), .integer(now.milliseconds), .text(actor.id.rawValue),
                    .text(actor.name),
                ])
            try Self.set(sql, events: events, of: id)
            let webhook = try Self.webhook(sql, id)
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "webhook.create", subject: "webhooks/\(id)", after: Self.audited(webhook)),
                at: now)
            return webhook
        }
    }

    /// - Throws: `notFound`.
    public func webhook(_ id: String) async throws -> Webhook {
        try await database.read { try Self.webhook($0, id) }
    }

    /// Newest first.
    public func webhooks(limit: Int, offset: Int) async throws -> SearchPage<Webhook> {
        try await database.read { sql in
            let rows = try sql.rows(
                """
                SELECT * FROM webhooks WHERE deleted = 0 ORDER BY created_at DESC, webhook_id LIMIT $1 OFFSET $2
                """, [.integer(limit + 1), .integer(offset)])
            return SearchSQL.page(try rows.map { try Self.decode(sql, $0) }, limit: limit, offset: offset)
        }
    }

    /// - Throws: `notFound`, `invalidArgument`.
    public func update(_ id: String, _ draft: WebhookDraft, by actor: Principal) async throws -> Webhook {
        try draft.check()
        let now = clock.now()
        let sealed = try seal(draft.secret, of: id)
        return try await database.write { sql in
            let old = try Self.webhook(sql, id)
            try sql.execute(
                """
                UPDATE webhooks SET name = coalesce($2, name), description = coalesce($3, description),
                    url = coalesce($4, url), status = coalesce($5, status), updated_at = $6
                WHERE webhook_id = $1
                """,
                [
                    .text(id), .text(draft.name), .text(draft.description), .text(draft.url),
                    .text(draft.status?.rawValue), .integer(now.milliseconds),
                ])
            if draft.secret != nil {
                try sql.execute(
                    "UPDATE webhooks SET sealed_secret = $2 WHERE webhook_id = $1", [.text(id), .text(sealed)])
            }
            if let events = draft.events {
                try sql.execute("DELETE FROM webhook_events WHERE webhook_id = $1", [.text(id)])
                try Self.set(sql, events: events, of: id)
            }
            let webhook = try Self.webhook(sql, id)
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "webhook.update", subject: "webhooks/\(id)", before: Self.audited(old),
                    after: Self.audited(webhook, isSecretNew: draft.secret != nil)),
                at: now)
            return webhook
        }
    }

    /// Its secret goes, and what waits for it fails; its history stays until it is pruned.
    ///
    /// - Throws: `notFound`.
    public func delete(_ id: String, by actor: Principal) async throws {
        let now = clock.now()
        try await database.write { sql in
            let webhook = try Self.webhook(sql, id)
            try sql.execute(
                "UPDATE webhooks SET deleted = 1, sealed_secret = NULL, updated_at = $2 WHERE webhook_id = $1",
                [.text(id), .integer(now.milliseconds)])
            try sql.execute("DELETE FROM webhook_events WHERE webhook_id = $1", [.text(id)])
            try sql.execute(
                """
                UPDATE webhook_deliveries SET state = 'failed', next_attempt_at = NULL, finished_at = $2,
                    error = 'The webhook was deleted.'
                WHERE webhook_id = $1 AND state = 'pending'
                """, [.text(id), .integer(now.milliseconds)])
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "webhook.delete", subject: "webhooks/\(id)", before: Self.audited(webhook)),
                at: now)
        }
    }

    /// All that sending one message to it needs; for the test call.
    ///
    /// - Throws: `notFound`.
    public func parcel(to id: String, _ event: WebhookEvent, _ data: [String: JSONValue]) async throws -> WebhookParcel
    {
        let now = clock.now()
        let (url, sealed) = try await database.read { sql in
            let url = try Self.webhook(sql, id).url
            let row = try sql.row("SELECT sealed_secret FROM webhooks WHERE webhook_id = $1", [.text(id)])
            return (url, try row?.optionalText("sealed_secret"))
        }
        return WebhookParcel(
            deliveryID: UUID().uuidString.lowercased(), webhookID: id, url: url,
            payload: WebhookOutbox.payload(event, data, at: now), secret: try open(sealed, of: id), attempt: 1)
    }

    // MARK: secrets

    /// As it is stored; nil for none.
    private func seal(_ secret: String?, of id: String) throws -> String? {
        guard let secret, !secret.isEmpty else { return nil }
        let sealed: String = try cipher.seal(try sealer.seal(secret), in: Self.place(id))
        return sealed
    }

    /// - Throws: `failedPrecondition` if its key is gone, `internal` if it was changed or belongs to another webhook.
    func open(_ sealed: String?, of id: String) throws -> String? {
        guard let sealed else { return nil }
        return try sealer.open(try cipher.open(sealed, in: Self.place(id)))
    }

    static func place(_ id: String) -> ColumnPlace { ColumnPlace(column: "webhooks.sealed_secret", row: id) }

    // MARK: inside a transaction

    private static func set(_ sql: SQLConnection, events: [WebhookEvent], of id: String) throws {
        for (position, event) in events.enumerated() {
            try sql.execute(
                """
                INSERT INTO webhook_events (event, webhook_id, position) VALUES ($1, $2, $3)
                ON CONFLICT (event, webhook_id) DO NOTHING
                """, [.text(event.description), .text(id), .integer(position)])
        }
    }

    static func webhook(_ sql: SQLConnection, _ id: String) throws -> Webhook {
        let row = try sql.row("SELECT * FROM webhooks WHERE webhook_id = $1 AND deleted = 0", [.text(id)])
        guard let row else { throw MartletError.notFound("Webhook with ID \(id) not found.") }
        return try decode(sql, row)
    }

    private static func decode(_ sql: SQLConnection, _ row: SQLRow) throws -> Webhook {
        let id = try row.text("webhook_id")
        let events = try sql.rows(
            "SELECT event FROM webhook_events WHERE webhook_id = $1 ORDER BY position", [.text(id)])
        guard let status = Webhook.Status(rawValue: try row.text("status")) else {
            throw StorageError(.decoding, "A webhook has an unknown status.")
        }
        return Webhook(
            id: id, name: try row.text("name"), description: try row.optionalText("description"),
            url: try row.text("url"), events: try events.compactMap { WebhookEvent(try $0.text("event")) },
            status: status, hasSecret: try row.optionalText("sealed_secret") != nil,
            createdAt: Timestamp(milliseconds: try row.integer("created_at")),
            updatedAt: Timestamp(milliseconds: try row.integer("updated_at")))
    }

    /// Whether there is a secret, never which.
    private static func audited(_ webhook: Webhook, isSecretNew: Bool = false) -> JSONValue {
        [
            "name": .string(webhook.name), "url": .string(webhook.url), "status": .string(webhook.status.rawValue),
            "events": .array(webhook.events.map { .string($0.description) }), "has_secret": .bool(webhook.hasSecret),
            "secret_changed": .bool(isSecretNew),
        ]
    }
}
