internal import Domain
internal import Foundation

/// Writes what webhooks are to be told into the transaction of the change itself: it is told if and only if the change is.
enum WebhookOutbox {
    /// Leaves one delivery for each active webhook that asked for the event.
    static func post(
        _ sql: SQLConnection, _ event: WebhookEvent, _ data: [String: JSONValue], at now: Timestamp
    ) throws {
        let rows = try sql.rows(
            """
            SELECT w.webhook_id FROM webhook_events e JOIN webhooks w ON w.webhook_id = e.webhook_id
            WHERE e.event = $1 AND w.status = 'ACTIVE' AND w.deleted = 0
            """, [.text(event.description)])
        guard !rows.isEmpty else { return }
        let payload = payload(event, data, at: now)
        for row in rows { try add(sql, webhook: try row.text("webhook_id"), event, payload, at: now) }
    }

    /// The JSON that MLflow sends.
    static func payload(_ event: WebhookEvent, _ data: [String: JSONValue], at now: Timestamp) -> String {
        let date = Date(timeIntervalSince1970: Double(now.milliseconds) / 1000)
        // As Python writes it: an offset in place of Z.
        let time = date.ISO8601Format(.init(includingFractionalSeconds: true)).dropLast() + "+00:00"
        let body: JSONValue = [
            "entity": .string(event.entity.rawValue), "action": .string(event.action.rawValue),
            "timestamp": .string(String(time)), "data": .object(data),
        ]
        return body.canonicalText
    }

    private static func add(
        _ sql: SQLConnection, webhook: String, _ event: WebhookEvent, _ payload: String, at now: Timestamp
    ) throws {
        let isFull =
            try sql.row(
                """
                SELECT 1 AS one FROM webhook_deliveries WHERE webhook_id = $1 AND state = 'pending'
                LIMIT 1 OFFSET \(WebhookRules.pendingMax - 1)
                """, [.text(webhook)]) != nil
        let error = "\(WebhookRules.pendingMax) deliveries to this webhook were waiting already."
        try sql.execute(
            """
            INSERT INTO webhook_deliveries (delivery_id, webhook_id, event, payload, state, attempts, created_at,
                next_attempt_at, finished_at, error)
            VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9)
            """,
            [
                .text(UUID().uuidString.lowercased()), .text(webhook), .text(event.description), .text(payload),
                .text(isFull ? "failed" : "pending"), .integer(now.milliseconds),
                isFull ? .null : .integer(now.milliseconds), isFull ? .integer(now.milliseconds) : .null,
                isFull ? .text(error) : .null,
            ])
    }
}
