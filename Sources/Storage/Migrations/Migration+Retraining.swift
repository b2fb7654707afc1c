extension Migration {
    /// One run under way a model. Runs outlive their model.
    static let retraining = Migration(
        number: 26, name: "retraining",
        sql: """
            CREATE TABLE retraining_runs (
                id BIGINT PRIMARY KEY, model TEXT NOT NULL, state TEXT NOT NULL, started_at BIGINT NOT NULL,
                log_tail TEXT NOT NULL, body TEXT NOT NULL);
            CREATE UNIQUE INDEX retraining_one_running ON retraining_runs (model) WHERE state = 'running';
            CREATE INDEX retraining_by_model ON retraining_runs (model, id)
            """)
}
