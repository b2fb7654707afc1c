extension Migration {
    /// Batches of metric points that wait to be sorted into `metric_points` and `latest_metrics` (`MetricInbox`).
    static let metricInbox = Migration(
        number: 105, name: "metric inbox",
        sql: """
            CREATE TABLE metric_inbox (
                batch BIGINT PRIMARY KEY, run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
                experiment_id BIGINT NOT NULL, logged_at BIGINT NOT NULL, points BLOB NOT NULL) WITHOUT ROWID;
            CREATE INDEX metric_inbox_by_run ON metric_inbox (run_id);
            CREATE INDEX metric_inbox_by_experiment ON metric_inbox (experiment_id)
            """)
}
