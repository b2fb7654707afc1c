public import Domain

/// Deliveries: taken to be sent, noted, listed, sent again, pruned.
extension WebhookStore {
    /// How long a delivery that was taken belongs to the one who took it: well beyond the deadline of an attempt. A process that
    /// dies in between loses it to the next round.
    static let leaseMilliseconds: Int64 = 60_000

    /// Takes what is due, at most `limit`; each counts as an attempt from now on.
    public func take(limit: Int) async throws -> [WebhookParcel] {
        let now = clock.now()
        let taken: [(parcel: WebhookParcel, sealed: String?)] = try await database.write { sql in
            let rows = try sql.rows(
                """
                UPDATE webhook_deliveries SET attempts = attempts + 1, next_attempt_at = $2
                WHERE state = 'pending' AND delivery_id IN (
                    SELECT delivery_id FROM webhook_deliveries WHERE state = 'pending' AND next_attempt_at <= $1
                    ORDER BY next_attempt_at LIMIT $3)
                RETURNING delivery_id, webhook_id, payload, attempts
                """,
                [.integer(now.milliseconds), .integer(now.milliseconds + Self.leaseMilliseconds), .integer(limit)])
            var taken: [(parcel: WebhookParcel, sealed: String?)] = []
            for row in rows {
                let (id, webhook) = (try row.text("delivery_id"), try row.text("webhook_id"))
                let address = try sql.row(
                    """
                    SELECT url, sealed_secret FROM webhooks WHERE webhook_id = $1 AND deleted = 0 AND status = 'ACTIVE'
                    """, [.text(webhook)])
                guard let address else {
                    try Self.finish(sql, id, "failed", WebhookOutcome(error: "The webhook is disabled."), at: now)
                    continue
                }
                let parcel = WebhookParcel(
                    deliveryID: id, webhookID: webhook, url: try address.text("url"), payload: try row.text("payload"),
                    secret: nil, attempt: try row.int("attempts"))
                taken.append((parcel, try address.optionalText("sealed_secret")))
            }
            return taken
        }
        var parcels: [WebhookParcel] = []
        for (parcel, sealed) in taken {
            do {
                var parcel = parcel
                parcel.secret = try open(sealed, of: parcel.webhookID)
                parcels.append(parcel)
            } catch {
                // Unsigned it must not go, and the key does not come back by itself.
                try await note(
                    WebhookOutcome(error: "The webhook's secret cannot be read: set it again.", isFinal: true),
                    of: parcel, jitter: 0)
            }
        }
        return parcels
    }

    /// Whether anything is due, without taking it.
    public func isAnyDue() async throws -> Bool {
        let now = clock.now()
        return try await database.read { sql in
            try sql.row(
                """
                SELECT 1 AS one FROM webhook_deliveries WHERE state = 'pending' AND next_attempt_at <= $1 LIMIT 1
                """, [.integer(now.milliseconds)]) != nil
        }
    }

    /// Notes what came of an attempt, and when the next one is due.
    ///
    /// - Parameter jitter: 0…1, spreads the next attempt.
    public func note(_ outcome: WebhookOutcome, of parcel: WebhookParcel, jitter: Double) async throws {
        let now = clock.now()
        try await database.write { sql in
            guard outcome.isWorthRetrying(after: parcel.attempt) else {
                try Self.finish(
                    sql, parcel.deliveryID, outcome.isSuccess ? "delivered" : "failed", outcome, at: now)
                return
            }
            let pause = WebhookRules.pauseMilliseconds(
                after: parcel.attempt, jitter: jitter, retryAfter: outcome.retryAfter)
            try sql.execute(
                """
                UPDATE webhook_deliveries SET next_attempt_at = $2, response_status = $3, response_body = $4, error = $5
                WHERE delivery_id = $1 AND state = 'pending'
                """,
                [
                    .text(parcel.deliveryID), .integer(now.milliseconds + pause),
                    .integer(outcome.status.map(Int64.init)), .text(outcome.body), .text(outcome.error),
                ])
        }
    }

    /// Deliveries of one webhook, newest first; of a deleted one too.
    ///
    /// - Throws: `notFound` if there never was such a webhook.
    public func deliveries(
        of webhook: String, state: WebhookDelivery.State?, limit: Int, offset: Int
    ) async throws -> SearchPage<WebhookDelivery> {
        try await database.read { sql in
            let exists = try sql.row("SELECT 1 AS one FROM webhooks WHERE webhook_id = $1", [.text(webhook)])
            guard exists != nil else { throw MartletError.notFound("Webhook with ID \(webhook) not found.") }
            var values: [SQLValue] = [.text(webhook), .integer(limit + 1), .integer(offset)]
            if let state { values.append(.text(state.rawValue)) }
            let rows = try sql.rows(
                """
                SELECT * FROM webhook_deliveries WHERE webhook_id = $1 \(state == nil ? "" : "AND state = $4")
                ORDER BY created_at DESC, delivery_id LIMIT $2 OFFSET $3
                """, values)
            return SearchSQL.page(try rows.map(Self.delivery), limit: limit, offset: offset)
        }
    }

    /// Sends a finished delivery again: the same bytes under the same id, with all attempts before it.
    ///
    /// - Throws: `notFound`, `failedPrecondition` while it still waits or its webhook is gone.
    public func redeliver(_ id: String, of webhook: String, by actor: Principal) async throws -> WebhookDelivery {
        let now = clock.now()
        return try await database.write { sql in
            _ = try Self.webhook(sql, webhook)
            let row = try sql.row(
                "SELECT state FROM webhook_deliveries WHERE delivery_id = $1 AND webhook_id = $2",
                [.text(id), .text(webhook)])
            guard let state = try row?.text("state") else {
                throw MartletError.notFound("The webhook \(webhook) has no delivery \(id).")
            }
            guard state != WebhookDelivery.State.pending.rawValue else {
                throw MartletError.precondition("The delivery \(id) still waits for its next attempt.")
            }
            try sql.execute(
                """
                UPDATE webhook_deliveries SET state = 'pending', attempts = 0, next_attempt_at = $2, finished_at = NULL
                WHERE delivery_id = $1
                """, [.text(id), .integer(now.milliseconds)])
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "webhook.redeliver", subject: "webhooks/\(webhook)/deliveries/\(id)"),
                at: now)
            guard let row = try sql.row("SELECT * FROM webhook_deliveries WHERE delivery_id = $1", [.text(id)]) else {
                throw StorageError(.decoding, "The delivery was not returned.")
            }
            return try Self.delivery(row)
        }
    }

    /// Removes what was finished before `time`, at most `limit` of it.
    ///
    /// - Returns: how many went.
    public func prune(before time: Timestamp, limit: Int) async throws -> Int {
        try await database.write { sql in
            try sql.execute(
                """
                DELETE FROM webhook_deliveries WHERE delivery_id IN (
                    SELECT delivery_id FROM webhook_deliveries WHERE state <> 'pending' AND finished_at < $1 LIMIT $2)
                """, [.integer(time.milliseconds), .integer(limit)])
        }
    }

    // MARK: inside a transaction

    private static func finish(
        _ sql: SQLConnection, _ id: String, _ state: String, _ outcome: WebhookOutcome, at now: Timestamp
    ) throws {
        try sql.execute(
            """
            UPDATE webhook_deliveries SET state = $2, next_attempt_at = NULL, finished_at = $3, response_status = $4,
                response_body = $5, error = $6
            WHERE delivery_id = $1 AND state = 'pending'
            """,
            [
                .text(id), .text(state), .integer(now.milliseconds), .integer(outcome.status.map(Int64.init)),
                .text(outcome.body), .text(outcome.error),
            ])
    }

    private static func delivery(_ row: SQLRow) throws -> WebhookDelivery {
        guard let state = WebhookDelivery.State(rawValue: try row.text("state")) else {
            throw StorageError(.decoding, "A delivery has an unknown state.")
        }
        return WebhookDelivery(
            id: try row.text("delivery_id"), webhookID: try row.text("webhook_id"), event: try row.text("event"),
            payload: try row.text("payload"), state: state, attempts: try row.int("attempts"),
            createdAt: Timestamp(milliseconds: try row.integer("created_at")),
            nextAttemptAt: try row.optionalInteger("next_attempt_at").map(Timestamp.init(milliseconds:)),
            finishedAt: try row.optionalInteger("finished_at").map(Timestamp.init(milliseconds:)),
            responseStatus: try row.optionalInteger("response_status").map(Int.init),
            responseBody: try row.optionalText("response_body"), error: try row.optionalText("error"))
    }
}
