internal import Domain

extension Collector {
    /// Files that nothing refers to. A dry run also counts those whose last reference would go with a run or logged model.
    func collectBlobs(_ round: inout Round, _ tell: (CollectionEvent) async throws -> Void) async throws {
        let store = try collecting()
        try await tell(.phase(.blob, total: FolderBlobKeeper.prefixes.count))
        let limit = clock.now().adding(seconds: -blobGrace)
        for prefix in FolderBlobKeeper.prefixes {
            let old = try await store.stored(prefix: prefix).filter { $0.modifiedAt <= limit }
            var rest = old[...]
            while !rest.isEmpty {
                let batch = Array(rest.prefix(BlobReferences.digestsMax))
                rest = rest.dropFirst(batch.count)
                for blob in try await collect(batch, in: store, limit: limit, round) {
                    let item = CollectionItem(
                        kind: .blob, id: blob.name.digest, name: "", outcome: .collected, files: 0, bytes: blob.bytes)
                    round.summary.add(item)
                    try await tell(.item(item))
                }
            }
        }
    }

    /// - Throws: `failedPrecondition` where blobs lie in a place that cannot collect them.
    func collecting() throws -> any BlobCollecting {
        if let collecting = artifacts.blobs.keeper.collecting { return collecting }
        throw MartletError(
            .failedPrecondition,
            "Files in \(artifacts.blobs.keeper.place) are not collected: one could go while an upload of the same content relies on it. Collect the rest alone: --keep-files, or blobs = false.",
            field: "blobs")
    }

    /// - Returns: those that went, or in a dry run would go.
    private func collect(
        _ batch: [StoredBlob], in store: any BlobCollecting, limit: Timestamp, _ round: Round
    ) async throws -> [StoredBlob] {
        let digests = batch.map(\.name.digest)
        if round.isDryRun {
            let roots = round.roots
            let kept = try await database.read { try Self.referenced($0, digests, without: roots) }
            return batch.filter { !kept.contains($0.name.digest) }
        }
        let kept = try await database.read { try BlobReferences.referenced($0, digests) }
        var aside: [StoredBlob] = []
        for blob in batch where !kept.contains(blob.name.digest) {
            if try await store.setAside(blob.name, ifUnchangedSince: limit) { aside.append(blob) }
        }
        guard !aside.isEmpty else { return [] }
        // A write waits for those before it, so that no reference is still on its way. If it fails, they all come back.
        let asideDigests = aside.map(\.name.digest)
        let late: Set<String>
        do {
            late = try await database.write { try BlobReferences.referenced($0, asideDigests) }
        } catch {
            for blob in aside { try await store.putBack(blob.name) }
            throw error
        }
        var gone: [StoredBlob] = []
        for blob in aside {
            if late.contains(blob.name.digest) {
                try await store.putBack(blob.name)
            } else {
                try await store.discard(blob.name)
                // It may lie here in the clear, too.
                try await artifacts.blobs.forget(blob.name.digest)
                gone.append(blob)
            }
        }
        return gone
    }

    /// As if the artifacts under these folders were gone.
    private static func referenced(
        _ sql: SQLConnection, _ digests: [String], without roots: Set<String>
    ) throws -> Set<String> {
        let found = try BlobReferences.referenced(sql, digests)
        guard !roots.isEmpty else { return found }
        var kept: Set<String> = []
        for digest in found {
            let paths = try sql.rows("SELECT path FROM artifacts WHERE digest = $1", [.text(digest)])
            let isElsewhere = try paths.isEmpty || paths.contains { !isUnder(roots, try $0.text("path")) }
            if try isElsewhere || BlobReferences.isReferencedBeside(sql, artifacts: digest) { kept.insert(digest) }
        }
        return kept
    }

    private static func isUnder(_ roots: Set<String>, _ path: String) -> Bool {
        var folder = path[...]
        while let slash = folder.lastIndex(of: "/") {
            folder = folder[..<slash]
            if roots.contains(String(folder)) { return true }
        }
        return false
    }
}
