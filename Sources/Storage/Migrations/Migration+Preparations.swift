extension Migration {
    static let preparations = Migration(
        number: 30, name: "version preparations",
        sql: """
            CREATE TABLE version_preparations (
                name TEXT NOT NULL, version BIGINT NOT NULL, state TEXT NOT NULL, prepared_at BIGINT NOT NULL,
                document TEXT NOT NULL,
                PRIMARY KEY (name, version),
                FOREIGN KEY (name, version) REFERENCES model_versions (name, version)
                    ON UPDATE CASCADE ON DELETE CASCADE);
            CREATE INDEX version_preparations_by_state ON version_preparations (state, prepared_at)
            """)
}
