extension Migration {
    static let tracking = Migration(
        number: 10, name: "tracking",
        sql: """
            CREATE TABLE experiments (
                experiment_id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE, artifact_location TEXT NOT NULL,
                deleted BIGINT NOT NULL DEFAULT 0, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);
            INSERT INTO experiments (experiment_id, name, artifact_location, created_at, updated_at)
                VALUES (0, 'Default', 'mlflow-artifacts:/0', 0, 0);
            CREATE TABLE experiment_tags (
                experiment_id BIGINT NOT NULL REFERENCES experiments (experiment_id), key TEXT NOT NULL,
                value TEXT NOT NULL, PRIMARY KEY (experiment_id, key));
            CREATE TABLE runs (
                run_id TEXT PRIMARY KEY, experiment_id BIGINT NOT NULL REFERENCES experiments (experiment_id),
                name TEXT NOT NULL, user_id TEXT NOT NULL, status TEXT NOT NULL, started_at BIGINT, ended_at BIGINT,
                artifact_uri TEXT NOT NULL, deleted BIGINT NOT NULL DEFAULT 0, created_at BIGINT NOT NULL,
                created_by TEXT NOT NULL, created_by_name TEXT NOT NULL);
            CREATE INDEX runs_by_experiment ON runs (experiment_id, deleted, started_at DESC, run_id);
            CREATE TABLE run_params (
                run_id TEXT NOT NULL REFERENCES runs (run_id), key TEXT NOT NULL, value TEXT NOT NULL,
                PRIMARY KEY (run_id, key));
            CREATE INDEX run_params_by_value ON run_params (key, value);
            CREATE TABLE run_tags (
                run_id TEXT NOT NULL REFERENCES runs (run_id), key TEXT NOT NULL, value TEXT NOT NULL,
                PRIMARY KEY (run_id, key));
            CREATE INDEX run_tags_by_value ON run_tags (key, value);
            CREATE TABLE metric_points (
                run_id TEXT NOT NULL REFERENCES runs (run_id), key TEXT NOT NULL, timestamp BIGINT NOT NULL,
                step BIGINT NOT NULL, value DOUBLE PRECISION NOT NULL, is_nan BIGINT NOT NULL,
                logged_at BIGINT NOT NULL, dataset_name TEXT, dataset_digest TEXT, model_id TEXT,
                PRIMARY KEY (run_id, key, step, timestamp, value, is_nan));
            CREATE INDEX metric_points_by_model ON metric_points (model_id, key) WHERE model_id IS NOT NULL;
            CREATE TABLE latest_metrics (
                run_id TEXT NOT NULL REFERENCES runs (run_id), key TEXT NOT NULL, timestamp BIGINT NOT NULL,
                step BIGINT NOT NULL, value DOUBLE PRECISION NOT NULL, is_nan BIGINT NOT NULL,
                PRIMARY KEY (run_id, key));
            CREATE INDEX latest_metrics_by_value ON latest_metrics (key, value);
            CREATE TABLE run_datasets (
                run_id TEXT NOT NULL REFERENCES runs (run_id), position BIGINT NOT NULL, name TEXT NOT NULL,
                digest TEXT NOT NULL, source_type TEXT NOT NULL, source TEXT NOT NULL, schema TEXT, profile TEXT,
                context TEXT, tags TEXT NOT NULL, PRIMARY KEY (run_id, name, digest));
            CREATE TABLE run_models (
                run_id TEXT NOT NULL REFERENCES runs (run_id), model_id TEXT NOT NULL, direction TEXT NOT NULL,
                step BIGINT NOT NULL, PRIMARY KEY (run_id, model_id, direction));
            CREATE TABLE logged_models (
                model_id TEXT PRIMARY KEY, experiment_id BIGINT NOT NULL REFERENCES experiments (experiment_id),
                name TEXT NOT NULL, model_type TEXT NOT NULL, source_run_id TEXT NOT NULL, status TEXT NOT NULL,
                artifact_uri TEXT NOT NULL, deleted BIGINT NOT NULL DEFAULT 0, created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL, created_by TEXT NOT NULL, created_by_name TEXT NOT NULL);
            CREATE INDEX logged_models_by_experiment ON logged_models (experiment_id, created_at DESC);
            CREATE TABLE logged_model_tags (
                model_id TEXT NOT NULL REFERENCES logged_models (model_id), key TEXT NOT NULL, value TEXT NOT NULL,
                PRIMARY KEY (model_id, key));
            CREATE TABLE logged_model_params (
                model_id TEXT NOT NULL REFERENCES logged_models (model_id), key TEXT NOT NULL, value TEXT NOT NULL,
                PRIMARY KEY (model_id, key));
            CREATE TABLE artifacts (
                path TEXT PRIMARY KEY, digest TEXT NOT NULL, bytes BIGINT NOT NULL, modified_at BIGINT NOT NULL)
            """)

    static let modelRegistry = Migration(
        number: 11, name: "registry",
        sql: """
            CREATE TABLE registered_models (
                name TEXT PRIMARY KEY, description TEXT, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
                last_version BIGINT NOT NULL DEFAULT 0, created_by TEXT NOT NULL, created_by_name TEXT NOT NULL);
            CREATE TABLE registered_model_tags (
                name TEXT NOT NULL REFERENCES registered_models (name) ON UPDATE CASCADE ON DELETE CASCADE,
                key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name, key));
            CREATE TABLE registered_model_aliases (
                name TEXT NOT NULL REFERENCES registered_models (name) ON UPDATE CASCADE ON DELETE CASCADE,
                alias TEXT NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (name, alias));
            CREATE TABLE model_versions (
                name TEXT NOT NULL REFERENCES registered_models (name) ON UPDATE CASCADE ON DELETE CASCADE,
                version BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, stage TEXT NOT NULL,
                description TEXT, source TEXT NOT NULL, run_id TEXT, run_link TEXT, logged_model_id TEXT,
                artifact_root TEXT NOT NULL, created_by TEXT NOT NULL, created_by_name TEXT NOT NULL,
                PRIMARY KEY (name, version));
            CREATE INDEX model_versions_by_run ON model_versions (run_id);
            CREATE INDEX model_versions_by_update ON model_versions (updated_at DESC, name, version DESC);
            CREATE TABLE model_version_tags (
                name TEXT NOT NULL, version BIGINT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
                PRIMARY KEY (name, version, key),
                FOREIGN KEY (name, version) REFERENCES model_versions (name, version)
                    ON UPDATE CASCADE ON DELETE CASCADE);
            CREATE TABLE model_version_files (
                name TEXT NOT NULL, version BIGINT NOT NULL, path TEXT NOT NULL, digest TEXT NOT NULL,
                bytes BIGINT NOT NULL, PRIMARY KEY (name, version, path),
                FOREIGN KEY (name, version) REFERENCES model_versions (name, version)
                    ON UPDATE CASCADE ON DELETE CASCADE)
            """)
}
