extension Migration {
    static let audit = Migration(
        number: 1, name: "audit chain",
        sql: """
            CREATE TABLE audit_events (
                sequence BIGINT PRIMARY KEY,
                time BIGINT NOT NULL,
                actor_id TEXT NOT NULL,
                actor_name TEXT NOT NULL,
                action TEXT NOT NULL,
                subject TEXT NOT NULL,
                before TEXT NOT NULL,
                after TEXT NOT NULL,
                previous_hash TEXT NOT NULL,
                hash TEXT NOT NULL
            )
            """)
}
