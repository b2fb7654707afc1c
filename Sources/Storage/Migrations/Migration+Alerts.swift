extension Migration {
    /// References, the evidence of broken monitors, and alerts.
    static let alerts = Migration(
        number: 41, name: "references, verdicts and alerts",
        sql: """
            CREATE TABLE reference_profiles (
                model TEXT NOT NULL,
                version BIGINT NOT NULL,
                document TEXT NOT NULL,
                PRIMARY KEY (model, version)
            );
            CREATE TABLE verdicts (
                endpoint TEXT NOT NULL,
                version BIGINT NOT NULL,
                kind TEXT NOT NULL,
                subject TEXT NOT NULL,
                window_end BIGINT NOT NULL,
                document TEXT NOT NULL
            );
            CREATE INDEX verdicts_endpoint ON verdicts (endpoint, window_end);
            CREATE INDEX verdicts_age ON verdicts (window_end);
            CREATE TABLE alerts (
                id BIGINT PRIMARY KEY,
                endpoint TEXT NOT NULL,
                version BIGINT NOT NULL,
                kind TEXT NOT NULL,
                subject TEXT NOT NULL,
                state TEXT NOT NULL,
                detail TEXT NOT NULL,
                value DOUBLE PRECISION NOT NULL,
                threshold DOUBLE PRECISION NOT NULL,
                started_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL,
                resolved_at BIGINT
            );
            CREATE INDEX alerts_endpoint ON alerts (endpoint, id);
            CREATE INDEX alerts_state ON alerts (state, id)
            """)
}
