extension Migration {
    /// Uploads that clients send in parts straight to S3.
    static let artifactUploads = Migration(
        number: 71, name: "artifact uploads",
        sql: """
            CREATE TABLE artifact_uploads (
                upload_id TEXT PRIMARY KEY, path TEXT NOT NULL, store_key TEXT NOT NULL, store_upload_id TEXT NOT NULL,
                principal_id TEXT NOT NULL, created_at BIGINT NOT NULL);
            CREATE INDEX artifact_uploads_by_age ON artifact_uploads (created_at)
            """)
}
