extension Migration {
    /// What names a blob: asked for by verification, for each of them.
    static let artifactDigests = Migration(
        number: 72, name: "artifacts by digest",
        sql: """
            CREATE INDEX artifacts_by_digest ON artifacts (digest);
            CREATE INDEX model_version_files_by_digest ON model_version_files (digest)
            """)
}
