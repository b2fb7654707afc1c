extension Migration {
    /// Webhooks, and the deliveries that a change of the registry writes in its own transaction.
    static let webhooks = Migration(
        number: 61, name: "webhooks",
        sql: """
            CREATE TABLE webhooks (
                webhook_id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT, url TEXT NOT NULL, sealed_secret TEXT,
                status TEXT NOT NULL, deleted BIGINT NOT NULL DEFAULT 0, created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL, created_by TEXT NOT NULL, created_by_name TEXT NOT NULL);
            CREATE INDEX webhooks_by_creation ON webhooks (created_at DESC, webhook_id);
            CREATE TABLE webhook_events (
                event TEXT NOT NULL, webhook_id TEXT NOT NULL REFERENCES webhooks (webhook_id), position BIGINT NOT NULL,
                PRIMARY KEY (event, webhook_id));
            CREATE INDEX webhook_events_by_webhook ON webhook_events (webhook_id, position);
            CREATE TABLE webhook_deliveries (
                delivery_id TEXT PRIMARY KEY, webhook_id TEXT NOT NULL REFERENCES webhooks (webhook_id),
                event TEXT NOT NULL, payload TEXT NOT NULL, state TEXT NOT NULL, attempts BIGINT NOT NULL,
                created_at BIGINT NOT NULL, next_attempt_at BIGINT, finished_at BIGINT, response_status BIGINT,
                response_body TEXT, error TEXT);
            CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE state = 'pending';
            CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, created_at DESC, delivery_id);
            CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (webhook_id) WHERE state = 'pending';
            CREATE INDEX webhook_deliveries_finished ON webhook_deliveries (finished_at) WHERE state <> 'pending'
            """)
}
