internal import Domain

/// Reads every blob that anything in the database names (`BlobReferences`), and says which are damaged or missing, and what they belong to.
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
        /// Artifact paths, versions and data sets that name it, at most ten.
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
        let blobs = try await store.database.read {
            try BlobReferences.blobs($0, after: digest ?? "", limit: Self.pageMax)
        }
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
        try await store.database.read { try BlobReferences.count($0) }
    }

    private func check(_ blob: BlobStore.Blob) async throws -> Finding? {
        do {
            guard let name = try await store.blobs.find(blob) else {
                return try await finding(blob, .missing, "It is missing from \(store.blobs.keeper.place).")
            }
            let bytes = name.form == .plain ? try await store.blobs.keeper.bytes(of: name) : nil
            if let bytes, bytes != blob.bytes {
                return try await finding(blob, .damaged, "It has \(bytes) bytes in place of \(blob.bytes).")
            }
            try await store.blobs.stream(blob) { _ in }
            return nil
        } catch let error as MartletError {
            return try await finding(blob, error.code == .internal ? .damaged : .unreadable, error.message)
        }
    }

    private func finding(
        _ blob: BlobStore.Blob, _ problem: Finding.Problem, _ reason: String
    ) async throws -> Finding {
        let names = try await store.database.read { try BlobReferences.titles($0, blob.digest, limit: Self.namesMax) }
        return Finding(
            digest: blob.digest, problem: problem, reason: reason, names: Array(names.prefix(Self.namesMax)))
    }
}
