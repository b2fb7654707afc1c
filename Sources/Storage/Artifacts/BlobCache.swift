internal import Crypto
internal import Domain
internal import Foundation
internal import NIOCore
internal import Synchronization

/// Files on this machine for those who can only load files: blobs out of a bucket, or decrypted. Bounded: what was used longest
/// ago goes first. Nothing in it is the only copy of anything.
///
/// With encryption at rest it holds plaintext: of the models in use, nothing else. Put it on a memory file system where that matters.
public final class BlobCache: Sendable {
    /// Age at which a file that is still half-written belongs to nobody any more, in seconds. Two processes may share the folder.
    static let abandonedSeconds = 3_600.0

    let root: String
    let bytesMax: Int64
    private let pinned = Mutex<Set<String>>([])

    /// Makes the folder and removes what a crash left half-written.
    ///
    /// - Parameter bytesMax: the folder may grow past this by one file, and by those that are pinned.
    /// - Throws: `unavailable` if the folder cannot be made.
    public init(root: String, bytesMax: Int64) throws {
        self.root = root
        self.bytesMax = bytesMax
        let files = FileManager.default
        do {
            try files.createDirectory(
                atPath: root, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let limit = Date().addingTimeInterval(-Self.abandonedSeconds)
            for name in try files.contentsOfDirectory(atPath: root) where name.hasSuffix(".part") {
                let path = root + "/" + name
                guard let changed = try files.attributesOfItem(atPath: path)[.modificationDate] as? Date,
                    changed < limit
                else { continue }
                try files.removeItem(atPath: path)
            }
        } catch {
            throw MartletError(.unavailable, "The cache folder \(root) cannot be made.", cause: error)
        }
    }

    /// Keeps these, and no others, from going.
    func pin(_ digests: Set<String>) { pinned.withLock { $0 = digests } }

    /// Removes a blob's file: the blob itself has gone.
    func remove(_ digest: String) async throws {
        let path = root + "/" + digest
        try await FolderBlobKeeper.offload {
            guard unlink(path) == 0 || errno == ENOENT else {
                throw MartletError(.unavailable, "\(path) cannot be removed: \(String(cString: strerror(errno))).")
            }
        }
    }

    /// A blob's file, checked now; fetched first if it is not there or not right any more.
    ///
    /// - Parameter fetch: hands the blob's bytes, digest-checked, to the closure that it is given.
    func path(
        of blob: BlobStore.Blob, fetch: ((ByteBuffer) async throws -> Void) async throws -> Void
    ) async throws -> String {
        let path = root + "/" + blob.digest
        if try await FolderBlobKeeper.offload({ try self.isWhole(blob, at: path) }) { return path }
        let draft = "\(path).\(UUID().uuidString).part"
        do {
            try await fill(draft, fetch)
            guard rename(draft, path) == 0 else { throw FolderBlobDraft.diskFailure("rename") }
        } catch {
            // A start removes what cannot be removed now.
            unlink(draft)
            throw error
        }
        try await FolderBlobKeeper.offload { try self.evict(keeping: blob.digest) }
        return path
    }

    private func fill(
        _ path: String, _ fetch: ((ByteBuffer) async throws -> Void) async throws -> Void
    ) async throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FolderBlobDraft.diskFailure("open") }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try await fetch { chunk in
            let data = Data(chunk.readableBytesView)
            try await FolderBlobKeeper.offload { try handle.write(contentsOf: data) }
        }
        try handle.close()
    }

    private func isWhole(_ blob: BlobStore.Blob, at path: String) throws -> Bool {
        guard let handle = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? handle.close() }  // a reader that fails to close has lost nothing
        var hash = SHA256()
        while let chunk = try handle.read(upToCount: 1 << 20), !chunk.isEmpty { hash.update(data: chunk) }
        guard hash.finalize().hexadecimal == blob.digest else { return false }
        // Used now: the last to go.
        utimes(path, nil)
        return true
    }

    private func evict(keeping digest: String) throws {
        let kept = pinned.withLock { $0 }.union([digest])
        let keys: Set<URLResourceKey> = [.contentModificationDateKey, .fileSizeKey]
        let files = try FileManager.default.contentsOfDirectory(
            at: URL(filePath: root), includingPropertiesForKeys: Array(keys))
        var entries: [(url: URL, used: Date, bytes: Int64)] = []
        for url in files where BlobName.isDigest(url.lastPathComponent) {
            let values = try url.resourceValues(forKeys: keys)
            entries.append((url, values.contentModificationDate ?? .distantPast, Int64(values.fileSize ?? 0)))
        }
        var total = entries.reduce(0) { $0 + $1.bytes }
        for entry in entries.sorted(by: { $0.used < $1.used }) where total > bytesMax {
            guard !kept.contains(entry.url.lastPathComponent) else { continue }
            try FileManager.default.removeItem(at: entry.url)
            total -= entry.bytes
        }
    }
}
