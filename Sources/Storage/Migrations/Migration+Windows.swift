extension Migration {
    /// Windows of traffic, quality over time, and what each row was predicted to be.
    static let windows = Migration(
        number: 1, name: "windows, quality and outcomes",
        sql: """
            CREATE TABLE partial_windows (
                endpoint TEXT NOT NULL,
                version BIGINT NOT NULL,
                start_at BIGINT NOT NULL,
                document TEXT NOT NULL
            );
            CREATE INDEX partial_windows_place ON partial_windows (endpoint, start_at);
            CREATE INDEX partial_windows_age ON partial_windows (start_at);
            CREATE TABLE windows (
                endpoint TEXT NOT NULL,
                version BIGINT NOT NULL,
                role TEXT NOT NULL,
                start_at BIGINT NOT NULL,
                document TEXT NOT NULL,
                PRIMARY KEY (endpoint, start_at, version, role)
            );
            CREATE INDEX windows_age ON windows (start_at);
            CREATE TABLE quality_reports (
                endpoint TEXT NOT NULL,
                version BIGINT NOT NULL,
                time BIGINT NOT NULL,
                document TEXT NOT NULL,
                PRIMARY KEY (endpoint, time, version)
            );
            CREATE INDEX quality_reports_age ON quality_reports (time);
            CREATE TABLE outcomes (
                prediction_id TEXT NOT NULL,
                row_number BIGINT NOT NULL,
                endpoint TEXT NOT NULL,
                version BIGINT NOT NULL,
                role TEXT NOT NULL,
                time BIGINT NOT NULL,
                predicted TEXT NOT NULL,
                score DOUBLE PRECISION,
                business_key TEXT,
                PRIMARY KEY (prediction_id, row_number)
            );
            CREATE INDEX outcomes_key ON outcomes (endpoint, business_key) WHERE business_key IS NOT NULL;
            CREATE INDEX outcomes_age ON outcomes (time)
            """)
}
