internal import Domain

/// Reads every blob that a path or a version names, and says which are damaged or missing, and what they belong to.
public struct ArtifactVerifier: Sendable {
    /// One blob that is not as it was stored.
    public struct Finding: Sendable, Codable, Hashable {
        public enum Problem: String, Sendable, Codable {
            case damaged, missing
            /// It could not be read this time: the place or a key is away.
            case unreadable
        }

        public var digest: String
        public var problem: Problem
        /// In a sentence.
        public var reason: String
        /// Artifact paths and versions that name it, at most ten.
        public var names: [String]
    }

    /// What was read, as far as it went.
    public struct Page: Sendable, Codable, Hashable {
        public var blobs = 0
        public var bytes: Int64 = 0
        public var findings: [Finding] = []
        /// Where to go on; nil at the end.
        public var next: String?
    }

    /// Blobs of one page at most.
    static let pageMax = 500
    /// Names of one finding.
    static let namesMax = 10

    let store: ArtifactStore

    public init(store: ArtifactStore) {
        self.store = store
    }

    /// The next blobs by digest.
    ///
    /// - Parameters:
    ///   - digest: only blobs behind this one; nil begins at the first.
    ///   - seconds: no further blob is begun after so long.
    /// - Throws: what the database throws; what is wrong with a blob is a finding.
    public func page(after digest: String?, seconds: Double) async throws -> Page {
        let start = ContinuousClock.now
        let blobs = try await blobs(after: digest ?? "")
        var page = Page()
        for (index, blob) in blobs.enumerated() {
            try Task.checkCancellation()
            if let finding = try await check(blob) { page.findings.append(finding) }
            page.blobs += 1
            page.bytes += blob.bytes
            let isLast = index == blobs.count - 1
            if !isLast, ContinuousClock.now - start > .seconds(seconds) {
                page.next = blob.digest
                return page
            }
        }
        page.next = blobs.count == Self.pageMax ? blobs.last?.digest : nil
        return page
    }

    /// Everything.
    ///
    /// - Parameter progress: told after each page.
    public func verify(progress: (Page) -> Void = { _ in }) async throws -> Page {
        var total = Page()
        var after: String?
        repeat {
            let page = try await page(after: after, seconds: 10)
            total.blobs += page.blobs
            total.bytes += page.bytes
            total.findings += page.findings
            after = page.next
            progress(total)
        } while after != nil
        return total
    }

    /// Blobs that anything names, however many, for a progress bar.
    public func count() async throws -> Int {
        try await store.database.read { sql in
            let row = try sql.row(
                """
                SELECT COUNT(*) AS blobs FROM (
                    SELECT digest FROM artifacts UNION SELECT digest FROM model_version_files) AS named
                """)
            return try row?.int("blobs") ?? 0
        }
    }

    private func blobs(after digest: String) async throws -> [BlobStore.Blob] {
        try await store.database.read { sql in
            try sql.rows(
                """
                SELECT digest, MAX(bytes) AS bytes FROM (
                    SELECT digest, bytes FROM artifacts WHERE digest > $1
                    UNION ALL
                    SELECT digest, bytes FROM model_version_files WHERE digest > $1) AS named
                GROUP BY digest ORDER BY digest LIMIT $2
                """, [.text(digest), .integer(Self.pageMax)]
            ).map { BlobStore.Blob(digest: try $0.text("digest"), bytes: try $0.integer("bytes")) }
        }
    }

    private func check(_ blob: BlobStore.Blob) async throws -> Finding? {
        do {
            try await store.blobs.stream(blob) { _ in }
            return nil
        } catch let error as MartletError {
            let problem: Finding.Problem =
                error.code != .internal ? .unreadable : error.message.contains(" is missing ") ? .missing : .damaged
            return Finding(
                digest: blob.digest, problem: problem, reason: error.message, names: try await names(blob.digest))
        }
    }

    private func names(_ digest: String) async throws -> [String] {
        try await store.database.read { sql in
            let versions = try sql.rows(
                "SELECT name, version, path FROM model_version_files WHERE digest = $1 ORDER BY name, version, path LIMIT $2",
                [.text(digest), .integer(Self.namesMax)]
            ).map { "models:/\(try $0.text("name"))/\(try $0.int("version"))/\(try $0.text("path"))" }
            let paths = try sql.rows(
                "SELECT path FROM artifacts WHERE digest = $1 ORDER BY path LIMIT $2",
                [.text(digest), .integer(Self.namesMax)]
            ).map { try $0.text("path") }
            return Array((versions + paths).prefix(Self.namesMax))
        }
    }
}
