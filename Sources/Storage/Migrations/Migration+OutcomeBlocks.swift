extension Migration {
    /// Outcomes in blocks: what was predicted for requests without a business key, which are found by the time that their id states.
    static let outcomeBlocks = Migration(
        number: 11, name: "outcomes in blocks",
        sql: """
            CREATE TABLE outcome_blocks (
                endpoint TEXT NOT NULL,
                version BIGINT NOT NULL,
                role TEXT NOT NULL,
                first_at BIGINT NOT NULL,
                last_at BIGINT NOT NULL,
                row_count BIGINT NOT NULL,
                body BLOB NOT NULL
            );
            CREATE INDEX outcome_blocks_time ON outcome_blocks (first_at, last_at);
            CREATE INDEX outcome_blocks_age ON outcome_blocks (last_at)
            """)
}
