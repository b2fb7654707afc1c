extension Migration {
    /// What an OpenLineage endpoint is to be told, written by the transaction in which it happened. Nothing is written while none is
    /// configured: then `is_enabled` is 0.
    static let openLineage = Migration(
        number: 81, name: "OpenLineage outbox",
        sql: """
            CREATE TABLE openlineage_state (
                only_row BIGINT PRIMARY KEY CHECK (only_row = 1), is_enabled BIGINT NOT NULL, last_id BIGINT NOT NULL,
                dropped BIGINT NOT NULL);
            INSERT INTO openlineage_state (only_row, is_enabled, last_id, dropped) VALUES (1, 0, 0, 0);
            CREATE TABLE openlineage_outbox (
                id BIGINT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, happened_at BIGINT NOT NULL,
                attempts BIGINT NOT NULL, next_attempt_at BIGINT NOT NULL, is_refused BIGINT NOT NULL, error TEXT);
            CREATE INDEX openlineage_outbox_due ON openlineage_outbox (id) WHERE is_refused = 0
            """)
}
