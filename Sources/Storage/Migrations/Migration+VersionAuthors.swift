extension Migration {
    /// Version numbers outlive their model; versions know all their authors, and why they cannot be served. Of files stored
    /// before nobody knows who stored them: the authors of a version are then those who registered it and made its run.
    static let versionAuthors = Migration(
        number: 12, name: "version authors",
        sql: """
            ALTER TABLE artifacts ADD COLUMN stored_by TEXT NOT NULL DEFAULT '';
            CREATE TABLE model_version_counters (name TEXT PRIMARY KEY, last_version BIGINT NOT NULL);
            INSERT INTO model_version_counters (name, last_version)
                SELECT name, last_version FROM registered_models WHERE last_version > 0;
            ALTER TABLE registered_models DROP COLUMN last_version;
            ALTER TABLE model_versions ADD COLUMN status_message TEXT NOT NULL DEFAULT '';
            CREATE TABLE model_version_authors (
                name TEXT NOT NULL, version BIGINT NOT NULL, principal_id TEXT NOT NULL,
                PRIMARY KEY (name, version, principal_id),
                FOREIGN KEY (name, version) REFERENCES model_versions (name, version)
                    ON UPDATE CASCADE ON DELETE CASCADE);
            INSERT INTO model_version_authors (name, version, principal_id)
                SELECT name, version, created_by FROM model_versions
                UNION
                SELECT v.name, v.version, r.created_by FROM model_versions v JOIN runs r ON r.run_id = v.run_id
            """)
}
