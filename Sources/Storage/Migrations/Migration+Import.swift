extension Migration {
    /// What was taken over from which server: experiments that could not keep their ids, and what need not be read again.
    static let imports = Migration(
        number: 94, name: "imports",
        sql: """
            CREATE TABLE imported_experiments (
                source TEXT NOT NULL, source_id TEXT NOT NULL, experiment_id BIGINT NOT NULL,
                PRIMARY KEY (source, source_id));
            CREATE TABLE imported_items (
                source TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, fingerprint TEXT NOT NULL,
                completed_at BIGINT NOT NULL, PRIMARY KEY (source, kind, id))
            """)
}
