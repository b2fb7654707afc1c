public import Domain

/// Takes over what another MLflow server holds, with its ids and times. Everything is an upsert by the source's own ids, so that
/// an import can be broken off and begun again at any point. Nothing that was changed here since is overwritten: the history
/// tells what came by import.
public struct ImportStore: Sendable {
    /// Things of one request at most: one transaction that is still short.
    public static let itemsMax = 500
    /// Metric points of one request at most.
    public static let pointsMax = 5_000
    /// Of the text that names a source.
    public static let sourceCharactersMax = 500

    let database: Database
    let clock: any WallClock
    let signer: ModelSigner?

    /// - Parameter signer: signs versions as they come; nil leaves them unsigned.
    public init(database: Database, clock: any WallClock, signer: ModelSigner? = nil) {
        self.database = database
        self.clock = clock
        self.signer = signer
    }

    /// - Throws: `invalidArgument` for a source without a name or more than `max` things.
    static func check(_ source: String, count: Int, max: Int) throws(MartletError) {
        guard !source.isEmpty, source.count <= sourceCharactersMax else {
            throw .invalid("source names the server, in at most \(sourceCharactersMax) characters.", field: "source")
        }
        guard count <= max else {
            throw .invalid("A request takes at most \(max) items. Got \(count).", field: "items")
        }
    }

    func note(
        _ sql: SQLConnection, _ what: String, count: Int, source: String, by actor: Principal, at now: Timestamp
    ) throws {
        guard count > 0 else { return }
        try sql.appendAudit(
            AuditDraft(
                actor: actor, action: "import.\(what)", subject: "imports/mlflow",
                after: ["source": .string(source), "count": .int(Int64(count))]),
            at: now)
    }

    // MARK: what need not be read again

    /// Notes that a run or logged model is here in full.
    public func complete(_ source: String, kind: String, items: [(id: String, fingerprint: String)]) async throws {
        try Self.check(source, count: items.count, max: Self.itemsMax)
        let now = clock.now()
        try await database.write { sql in
            for item in items {
                try sql.execute(
                    """
                    INSERT INTO imported_items (source, kind, id, fingerprint, completed_at) VALUES ($1, $2, $3, $4, $5)
                    ON CONFLICT (source, kind, id) DO UPDATE SET fingerprint = excluded.fingerprint,
                        completed_at = excluded.completed_at
                    """,
                    [
                        .text(source), .text(kind), .text(item.id), .text(item.fingerprint),
                        .integer(now.milliseconds),
                    ])
            }
        }
    }

    /// What is here in full, and still here, by id behind `after`.
    public func completed(
        _ source: String, kind: String, after: String, limit: Int
    ) async throws -> [(id: String, fingerprint: String)] {
        let (table, key) = kind == "run" ? ("runs", "run_id") : ("logged_models", "model_id")
        return try await database.read { sql in
            try sql.rows(
                """
                SELECT i.id, i.fingerprint FROM imported_items i JOIN \(table) t ON t.\(key) = i.id
                WHERE i.source = $1 AND i.kind = $2 AND i.id > $3 ORDER BY i.id LIMIT $4
                """, [.text(source), .text(kind), .text(after), .integer(limit)]
            ).map { (id: try $0.text("id"), fingerprint: try $0.text("fingerprint")) }
        }
    }

    /// Every artifact under a folder, with its digest, behind `after`.
    public func files(under folder: String, after: String, limit: Int) async throws -> [VersionFile] {
        try ArtifactPath.check(folder)
        return try await database.read { sql in
            try sql.rows(
                """
                SELECT path, digest, bytes FROM artifacts WHERE path >= $1 AND path < $2 AND path > $3
                ORDER BY path LIMIT $4
                """, [.text(folder + "/"), .text(folder + "0"), .text(after), .integer(limit)]
            ).map {
                VersionFile(path: try $0.text("path"), digest: try $0.text("digest"), bytes: try $0.integer("bytes"))
            }
        }
    }
}
