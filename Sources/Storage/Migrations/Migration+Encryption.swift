extension Migration {
    /// Data keys, wrapped by master keys that the database never sees.
    static let dataKeys = Migration(
        number: 70, name: "data keys",
        sql: """
            CREATE TABLE data_keys (
                key_id TEXT PRIMARY KEY, master_key_id TEXT NOT NULL, wrapped TEXT NOT NULL, created_at BIGINT NOT NULL,
                is_current BIGINT NOT NULL)
            """)
}
