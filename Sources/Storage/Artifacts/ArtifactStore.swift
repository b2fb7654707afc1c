public import Domain
public import NIOCore

/// Which path names which blob. Paths under `versions/` are those of `VersionPath`: they are read by a version's own digests, and
/// nothing can be written there.
public struct ArtifactStore: Sendable {
    /// Bytes of one artifact at most, where the server is told nothing else: 64 GiB.
    public static let bytesMaxDefault: Int64 = 64 << 30

    let database: Database
    let clock: any WallClock
    public let blobs: BlobStore
    let bytesMax: Int64

    public init(
        database: Database, clock: any WallClock, blobs: BlobStore, bytesMax: Int64 = ArtifactStore.bytesMaxDefault
    ) {
        self.database = database
        self.clock = clock
        self.blobs = blobs
        self.bytesMax = bytesMax
    }

    /// Stores a body under a path; durable when it returns. An older file of that path is replaced.
    ///
    /// - Throws: `invalidArgument` for a path that breaks the rules, is a folder, or goes through a file; `permissionDenied` for
    ///   one of a version; `payloadTooLarge`.
    public func put<Body: AsyncSequence & Sendable>(
        _ path: String, _ body: Body, by actor: Principal
    ) async throws where Body.Element == ByteBuffer {
        try Self.checkWritable(path)
        try await record(try await blobs.write(body, bytesMax: bytesMax), at: path, by: actor)
    }

    /// Gives a stored blob a path.
    func record(_ blob: BlobStore.Blob, at path: String, by actor: Principal) async throws {
        let now = clock.now()
        try await database.write { sql in
            try Self.checkPlace(of: path, sql)
            try Self.insert(sql, blob, at: path, by: actor, now: now)
        }
    }

    /// Inside a transaction, at a path that is free or a file.
    static func insert(
        _ sql: SQLConnection, _ blob: BlobStore.Blob, at path: String, by actor: Principal, now: Timestamp
    ) throws {
        try sql.execute(
            """
            INSERT INTO artifacts (path, digest, bytes, modified_at, stored_by) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (path) DO UPDATE SET digest = excluded.digest, bytes = excluded.bytes,
                modified_at = excluded.modified_at, stored_by = excluded.stored_by
            """,
            [
                .text(path), .text(blob.digest), .integer(blob.bytes), .integer(now.milliseconds),
                .text(actor.id.rawValue),
            ])
    }

    /// - Throws: `notFound`, `invalidArgument` for a path that breaks the rules.
    public func blob(_ path: String) async throws -> BlobStore.Blob {
        try ArtifactPath.check(path)
        return try await database.read { sql in
            let row: SQLRow?
            if let place = VersionPath(parsing: path) {
                row = try sql.row(
                    "SELECT digest, bytes FROM model_version_files WHERE name = $1 AND version = $2 AND path = $3",
                    [.text(place.id.model), .integer(place.id.version), .text(place.file)])
            } else {
                row = try sql.row("SELECT digest, bytes FROM artifacts WHERE path = $1", [.text(path)])
            }
            guard let row else { throw MartletError.notFound("There is no artifact '\(path)'.") }
            return BlobStore.Blob(digest: try row.text("digest"), bytes: try row.integer("bytes"))
        }
    }

    /// Removes a file, or all files under a folder. What versions hold of them stays.
    ///
    /// - Throws: `invalidArgument` for a path that breaks the rules, `permissionDenied` for one of a version.
    public func delete(_ path: String, by actor: Principal) async throws {
        try Self.checkWritable(path)
        let now = clock.now()
        try await database.write { sql in
            let end = path + "0"  // "0" is the character after "/"
            let count = try sql.execute(
                "DELETE FROM artifacts WHERE path = $1 OR (path > $2 AND path < $3)",
                [.text(path), .text(path + "/"), .text(end)])
            guard count > 0 else { return }
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "artifact.delete", subject: "artifacts/\(path)",
                    after: ["files": .int(Int64(count))]),
                at: now)
        }
    }

    /// A path without the folder in front of it, byte by byte: a name may begin with a combining character.
    static func relative(_ path: String, to root: String) -> String {
        String(decoding: path.utf8.dropFirst(root.utf8.count + 1), as: UTF8.self)
    }

    static func checkWritable(_ path: String) throws {
        try ArtifactPath.check(path)
        guard !VersionPath.isReadOnly(path) else {
            throw MartletError(
                .permissionDenied,
                "'\(path)' belongs to a registered version, whose files never change. Log to a run instead.")
        }
    }

    /// A path is a file or a folder, never both: no file system could hold what is downloaded of it.
    private static func checkPlace(of path: String, _ sql: SQLConnection) throws {
        let folder = try sql.row(
            "SELECT path FROM artifacts WHERE path > $1 AND path < $2 LIMIT 1", [.text(path + "/"), .text(path + "0")])
        guard folder == nil else {
            throw MartletError.invalid("'\(path)' is a folder: a file cannot take its place.", field: "path")
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let above = (1..<max(parts.count, 1)).map { parts.prefix($0).joined(separator: "/") }
        guard !above.isEmpty else { return }
        let places = (1...above.count).map { "$\($0)" }.joined(separator: ", ")
        let file = try sql.row("SELECT path FROM artifacts WHERE path IN (\(places)) LIMIT 1", above.map { .text($0) })
        if let file {
            throw MartletError.invalid(
                "'\(try file.text("path"))' is a file: nothing can be put under it.", field: "path")
        }
    }

    /// Files under a folder, by path, from its first one on.
    static func rows(_ sql: SQLConnection, under prefix: String, from first: String? = nil, limit: Int) throws
        -> [SQLRow]
    {
        let end = prefix.isEmpty ? "\u{10FFFF}" : String(prefix.dropLast()) + "0"
        return try sql.rows(
            """
            SELECT path, digest, bytes, stored_by FROM artifacts WHERE path >= $1 AND path < $2 ORDER BY path LIMIT $3
            """, [.text(first ?? prefix), .text(end), .integer(limit)])
    }
}
