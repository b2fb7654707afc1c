extension Migration {
    /// Data sets and their versions by content. `link_digest` is what a run logs to name a version; `dataset_uri` is the version that the
    /// source of a run's data set names, so that both ways from the one to the other are a look into an index.
    static let datasets = Migration(
        number: 80, name: "data sets",
        sql: """
            CREATE TABLE datasets (
                name TEXT PRIMARY KEY, last_number BIGINT NOT NULL, created_at BIGINT NOT NULL);
            CREATE TABLE dataset_versions (
                name TEXT NOT NULL REFERENCES datasets (name), number BIGINT NOT NULL, digest TEXT NOT NULL,
                link_digest TEXT NOT NULL, created_at BIGINT NOT NULL, created_by TEXT NOT NULL,
                created_by_name TEXT NOT NULL, source TEXT, total_rows BIGINT NOT NULL, total_columns BIGINT NOT NULL,
                total_bytes BIGINT NOT NULL, profile TEXT NOT NULL, sketch TEXT NOT NULL,
                PRIMARY KEY (name, number));
            CREATE UNIQUE INDEX dataset_versions_by_content ON dataset_versions (name, digest);
            CREATE INDEX dataset_versions_by_link ON dataset_versions (link_digest);
            CREATE TABLE dataset_version_files (
                name TEXT NOT NULL, number BIGINT NOT NULL, path TEXT NOT NULL, digest TEXT NOT NULL,
                bytes BIGINT NOT NULL, format TEXT NOT NULL, total_rows BIGINT NOT NULL,
                PRIMARY KEY (name, number, path),
                FOREIGN KEY (name, number) REFERENCES dataset_versions (name, number) ON DELETE CASCADE);
            CREATE INDEX dataset_version_files_by_digest ON dataset_version_files (digest);
            CREATE TABLE dataset_file_sketches (
                digest TEXT NOT NULL, format TEXT NOT NULL, bytes BIGINT NOT NULL, stored_at BIGINT NOT NULL,
                sketch TEXT NOT NULL, PRIMARY KEY (digest, format));
            ALTER TABLE run_datasets ADD COLUMN dataset_uri TEXT;
            CREATE INDEX run_datasets_by_digest ON run_datasets (digest);
            CREATE INDEX run_datasets_by_uri ON run_datasets (dataset_uri) WHERE dataset_uri IS NOT NULL;
            CREATE INDEX run_models_by_model ON run_models (model_id, direction);
            CREATE INDEX model_versions_by_source ON model_versions (source);
            CREATE INDEX model_versions_by_logged_model ON model_versions (logged_model_id)
                WHERE logged_model_id IS NOT NULL
            """)
}
