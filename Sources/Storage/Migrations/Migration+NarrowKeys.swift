extension Migration {
    /// What each narrow key has made: all that it may write to, and read beside its model. `artifact_root` is empty for a version.
    static let narrowKeys = Migration(
        number: 50, name: "narrow keys",
        sql: """
            CREATE TABLE narrow_key_items (
                key_id TEXT NOT NULL, kind TEXT NOT NULL, item_id TEXT NOT NULL, artifact_root TEXT NOT NULL,
                PRIMARY KEY (key_id, kind, item_id))
            """)
}
