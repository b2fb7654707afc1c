extension Migration {
    /// Metrics of logged models stand by themselves: a run's point may belong to several models and data sets. The columns of a
    /// data set are empty, not null, where there is none: they are part of the key.
    static let loggedModelMetrics = Migration(
        number: 60, name: "logged model metrics",
        sql: """
            CREATE TABLE logged_model_metrics (
                model_id TEXT NOT NULL, key TEXT NOT NULL, timestamp BIGINT NOT NULL, step BIGINT NOT NULL,
                value DOUBLE PRECISION NOT NULL, is_nan BIGINT NOT NULL, run_id TEXT NOT NULL,
                dataset_name TEXT NOT NULL, dataset_digest TEXT NOT NULL,
                PRIMARY KEY (model_id, key, step, timestamp, run_id, dataset_name, dataset_digest, value, is_nan));
            INSERT INTO logged_model_metrics
                SELECT model_id, key, timestamp, step, value, is_nan, run_id, coalesce(dataset_name, ''),
                    coalesce(dataset_digest, '')
                FROM metric_points WHERE model_id IS NOT NULL;
            DROP INDEX IF EXISTS metric_points_by_model
            """)
}
