extension Migration {
    /// Tracking's side tables are kept in the order of their keys, without a second copy in an index of their own; the latest
    /// metrics know their experiment, and are found by value through `indexed_value`, which follows `value` a little later.
    static let metricSearch = Migration(
        number: 100, name: "metric search",
        sql: """
            DROP INDEX run_params_by_value;
            DROP INDEX run_tags_by_value;
            DROP INDEX latest_metrics_by_value;
            DROP INDEX metric_points_by_model;
            CREATE TABLE metric_points_ordered (
                run_id TEXT NOT NULL REFERENCES runs (run_id), key TEXT NOT NULL, timestamp BIGINT NOT NULL,
                step BIGINT NOT NULL, value DOUBLE PRECISION NOT NULL, is_nan BIGINT NOT NULL,
                logged_at BIGINT NOT NULL, dataset_name TEXT, dataset_digest TEXT, model_id TEXT,
                PRIMARY KEY (run_id, key, step, timestamp, value, is_nan)) WITHOUT ROWID;
            INSERT INTO metric_points_ordered (run_id, key, timestamp, step, value, is_nan, logged_at, dataset_name,
                    dataset_digest, model_id)
                SELECT run_id, key, timestamp, step, value, is_nan, logged_at, dataset_name, dataset_digest, model_id
                FROM metric_points ORDER BY run_id, key, step, timestamp, value, is_nan;
            DROP TABLE metric_points;
            ALTER TABLE metric_points_ordered RENAME TO metric_points;
            CREATE TABLE latest_metrics_ordered (
                run_id TEXT NOT NULL REFERENCES runs (run_id), key TEXT NOT NULL, timestamp BIGINT NOT NULL,
                step BIGINT NOT NULL, value DOUBLE PRECISION NOT NULL, is_nan BIGINT NOT NULL,
                experiment_id BIGINT NOT NULL, indexed_value DOUBLE PRECISION,
                PRIMARY KEY (run_id, key)) WITHOUT ROWID;
            INSERT INTO latest_metrics_ordered (run_id, key, timestamp, step, value, is_nan, experiment_id, indexed_value)
                SELECT m.run_id, m.key, m.timestamp, m.step, m.value, m.is_nan, r.experiment_id,
                    CASE WHEN m.is_nan = 0 THEN m.value END
                FROM latest_metrics m JOIN runs r ON r.run_id = m.run_id ORDER BY m.run_id, m.key;
            DROP TABLE latest_metrics;
            ALTER TABLE latest_metrics_ordered RENAME TO latest_metrics;
            CREATE INDEX latest_metrics_by_value ON latest_metrics (experiment_id, key, indexed_value)
                WHERE indexed_value IS NOT NULL;
            CREATE TABLE run_params_ordered (
                run_id TEXT NOT NULL REFERENCES runs (run_id), key TEXT NOT NULL, value TEXT NOT NULL,
                PRIMARY KEY (run_id, key)) WITHOUT ROWID;
            INSERT INTO run_params_ordered (run_id, key, value)
                SELECT run_id, key, value FROM run_params ORDER BY run_id, key;
            DROP TABLE run_params;
            ALTER TABLE run_params_ordered RENAME TO run_params;
            CREATE TABLE run_tags_ordered (
                run_id TEXT NOT NULL REFERENCES runs (run_id), key TEXT NOT NULL, value TEXT NOT NULL,
                PRIMARY KEY (run_id, key)) WITHOUT ROWID;
            INSERT INTO run_tags_ordered (run_id, key, value)
                SELECT run_id, key, value FROM run_tags ORDER BY run_id, key;
            DROP TABLE run_tags;
            ALTER TABLE run_tags_ordered RENAME TO run_tags;
            CREATE TABLE metric_index_pending (
                run_id TEXT PRIMARY KEY REFERENCES runs (run_id) ON DELETE CASCADE, experiment_id BIGINT NOT NULL,
                since BIGINT NOT NULL
                ) WITHOUT ROWID;
            CREATE INDEX metric_index_pending_by_experiment ON metric_index_pending (experiment_id);
            CREATE INDEX metric_index_pending_by_age ON metric_index_pending (since)
            """)
}
