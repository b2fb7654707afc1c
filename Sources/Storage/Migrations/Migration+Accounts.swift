extension Migration {
    /// Principals and their API keys. Rows are never deleted: approvals and audit events refer to them.
    static let accounts = Migration(
        number: 2, name: "accounts",
        sql: """
            CREATE TABLE principals (
                id TEXT PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                roles TEXT NOT NULL,
                is_system BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                disabled_at BIGINT
            );
            CREATE TABLE api_keys (
                id TEXT PRIMARY KEY,
                principal_id TEXT NOT NULL REFERENCES principals (id),
                label TEXT NOT NULL,
                secret_sha256 TEXT NOT NULL,
                only_model TEXT,
                created_at BIGINT NOT NULL,
                expires_at BIGINT,
                revoked_at BIGINT
            );
            CREATE INDEX api_keys_by_principal ON api_keys (principal_id);
            INSERT INTO principals (id, name, roles, is_system, created_at)
            VALUES ('system:retraining', 'retraining', '["contributor"]', 1, 0)
            """)

    /// Signed statements of how far the audit chain had come.
    static let auditCheckpoints = Migration(
        number: 3, name: "audit checkpoints",
        sql: """
            CREATE TABLE audit_checkpoints (
                sequence BIGINT PRIMARY KEY,
                hash TEXT NOT NULL,
                time BIGINT NOT NULL,
                public_key TEXT NOT NULL,
                signature TEXT NOT NULL
            )
            """)
}
