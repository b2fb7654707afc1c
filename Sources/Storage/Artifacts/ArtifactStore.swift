public import Domain
public import NIOCore

/// Which path names which blob.
public struct ArtifactStore: Sendable {
    /// One file or folder in a listing.
    public struct Entry: Sendable, Hashable {
        /// Relative to the folder listed.
        public var path: String
        public var isDirectory: Bool
        public var bytes: Int64
    }

    /// Entries of one listing at most.
    static let listedMax = 10_000

    let database: Database
    let clock: any WallClock
    public let blobs: BlobStore
    /// Bytes of one artifact at most; 64 GiB by default.
    let bytesMax: Int64

    public init(database: Database, clock: any WallClock, blobs: BlobStore, bytesMax: Int64 = 64 << 30) {
        self.database = database
        self.clock = clock
        self.blobs = blobs
        self.bytesMax = bytesMax
    }

    /// Stores a body under a path; durable when it returns. An older file of that path is replaced.
    public func put<Body: AsyncSequence & Sendable>(
        _ path: String, _ body: Body
    ) async throws where Body.Element == ByteBuffer {
        try ArtifactPath.check(path)
        let blob = try await blobs.write(body, bytesMax: bytesMax)
        let now = clock.now()
        try await database.write { sql in
            _ = try sql.execute(
                """
                INSERT INTO artifacts (path, digest, bytes, modified_at) VALUES ($1, $2, $3, $4)
                ON CONFLICT (path) DO UPDATE SET digest = excluded.digest, bytes = excluded.bytes,
                    modified_at = excluded.modified_at
                """, [.text(path), .text(blob.digest), .integer(blob.bytes), .integer(now.milliseconds)])
        }
    }

    /// - Throws: `notFound`, `invalidArgument` for a path that breaks the rules.
    public func blob(_ path: String) async throws -> BlobStore.Blob {
        try ArtifactPath.check(path)
        return try await database.read { sql in
            guard let row = try sql.row("SELECT digest, bytes FROM artifacts WHERE path = $1", [.text(path)]) else {
                throw MartletError.notFound("There is no artifact '\(path)'.")
            }
            return BlobStore.Blob(digest: try row.text("digest"), bytes: try row.integer("bytes"))
        }
    }

    /// What lies directly in a folder; empty for a file and for nothing, as MLflow's clients expect.
    public func list(_ folder: String) async throws -> [Entry] {
        if !folder.isEmpty { try ArtifactPath.check(folder) }
        return try await database.read { sql in
            let prefix = folder.isEmpty ? "" : folder + "/"
            var entries: [String: Entry] = [:]
            for row in try Self.rows(sql, under: prefix) {
                let rest = try row.text("path").dropFirst(prefix.count)
                if let slash = rest.firstIndex(of: "/") {
                    let name = String(rest[..<slash])
                    entries[name] = Entry(path: name, isDirectory: true, bytes: 0)
                } else {
                    entries[String(rest)] = Entry(
                        path: String(rest), isDirectory: false, bytes: try row.integer("bytes"))
                }
            }
            return entries.values.sorted { $0.path < $1.path }
        }
    }

    /// Removes a file, or all files under a folder.
    public func delete(_ path: String, by actor: Principal) async throws {
        try ArtifactPath.check(path)
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

    /// Every file under a folder, by path; for versions, which keep the digests.
    static func rows(_ sql: SQLConnection, under prefix: String) throws -> [SQLRow] {
        let end = prefix.isEmpty ? "\u{10FFFF}" : String(prefix.dropLast()) + "0"
        return try sql.rows(
            "SELECT path, digest, bytes FROM artifacts WHERE path >= $1 AND path < $2 ORDER BY path LIMIT $3",
            [.text(prefix), .text(end), .integer(listedMax)])
    }
}
