extension Migration {
    static let versionSignatures = Migration(
        number: 73, name: "version signatures",
        sql: """
            CREATE TABLE version_signatures (
                name TEXT NOT NULL, version BIGINT NOT NULL, key_id TEXT NOT NULL, origin TEXT NOT NULL,
                public_key TEXT NOT NULL, bundle TEXT NOT NULL, signed_by TEXT NOT NULL, signed_by_name TEXT NOT NULL,
                signed_at BIGINT NOT NULL, PRIMARY KEY (name, version, key_id),
                FOREIGN KEY (name, version) REFERENCES model_versions (name, version)
                    ON UPDATE CASCADE ON DELETE CASCADE)
            """)
}
