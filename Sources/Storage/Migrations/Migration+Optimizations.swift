extension Migration {
    /// What was done to make a version of another of the same model. The record stays when that other one is deleted.
    static let optimizations = Migration(
        number: 120, name: "optimizations",
        sql: """
            CREATE TABLE version_optimizations (
                name TEXT NOT NULL, version BIGINT NOT NULL, source_version BIGINT NOT NULL, document TEXT NOT NULL,
                PRIMARY KEY (name, version),
                FOREIGN KEY (name, version) REFERENCES model_versions (name, version)
                    ON UPDATE CASCADE ON DELETE CASCADE);
            CREATE INDEX version_optimizations_by_source ON version_optimizations (name, source_version)
            """)
}
