extension Migration {
    /// When things were deleted, so that they can go after a while; of what was deleted before nobody knows, and it counts from
    /// this migration. Ids of collected experiments are never given again. Blobs are found by digest.
    static let collection = Migration(
        number: 93, name: "collection",
        sql: """
            ALTER TABLE experiments ADD COLUMN deleted_at BIGINT;
            ALTER TABLE runs ADD COLUMN deleted_at BIGINT;
            ALTER TABLE logged_models ADD COLUMN deleted_at BIGINT;
            UPDATE experiments SET deleted_at = (SELECT MAX(applied_at) FROM schema_migrations) WHERE deleted <> 0;
            UPDATE runs SET deleted_at = (SELECT MAX(applied_at) FROM schema_migrations) WHERE deleted <> 0;
            UPDATE logged_models SET deleted_at = (SELECT MAX(applied_at) FROM schema_migrations) WHERE deleted <> 0;
            CREATE INDEX runs_deleted ON runs (deleted_at, run_id) WHERE deleted <> 0;
            CREATE INDEX logged_models_deleted ON logged_models (deleted_at, model_id) WHERE deleted <> 0;
            CREATE TABLE collected_experiment_ids (
                only_row BIGINT PRIMARY KEY CHECK (only_row = 1), last_id BIGINT NOT NULL);
            INSERT INTO collected_experiment_ids (only_row, last_id) VALUES (1, 0);
            CREATE INDEX artifacts_by_digest ON artifacts (digest);
            CREATE INDEX model_version_files_by_digest ON model_version_files (digest)
            """)
}
