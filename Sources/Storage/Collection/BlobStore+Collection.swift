internal import Domain
internal import Foundation

/// How blobs that nothing refers to are taken away while uploads go on.
///
/// An upload of content that is there already gives the blob a new modification time (it is renamed over the old one), and is
/// referred to at latest a database deadline later. So a blob that is older than the grace period is no fresh upload. It is
/// first set aside by a rename, which no reader or writer can see half of; if an upload was quicker, the file aside is
/// young, and goes back. Then the database is asked again, and only then is the file removed.
extension BlobStore {
    struct Stored: Sendable {
        var digest: String
        var bytes: Int64
        var modifiedAt: Timestamp
    }

    /// The first two digits of digests: blobs are listed one such folder at a time.
    static let prefixes = (0..<256).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }

    /// Blobs whose digest begins so, by digest.
    func stored(prefix: String) async throws -> [Stored] {
        let folder = "\(root)/blobs/\(prefix)"
        return try await Self.offload {
            try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.count == 64 }.sorted().compactMap {
                Self.status("\(folder)/\($0)", digest: $0)
            }
        }
    }

    /// Takes a blob out of sight if it has not changed since `time`.
    ///
    /// - Returns: whether it is aside now.
    func setAside(_ digest: String, ifUnchangedSince time: Timestamp) async throws -> Bool {
        let (path, aside) = (path(digest: digest), asidePath(digest))
        return try await Self.offload {
            guard rename(path, aside) == 0 else {
                guard errno == ENOENT else { throw Self.failure("rename") }
                return false
            }
            guard let status = Self.status(aside, digest: digest), status.modifiedAt > time else { return true }
            guard rename(aside, path) == 0 else { throw Self.failure("rename") }
            return false
        }
    }

    /// Brings a blob back that was set aside.
    func putBack(_ digest: String) async throws {
        let (path, aside) = (path(digest: digest), asidePath(digest))
        try await Self.offload { guard rename(aside, path) == 0 else { throw Self.failure("rename") } }
    }

    /// Removes a blob that was set aside.
    func discard(_ digest: String) async throws {
        let aside = asidePath(digest)
        try await Self.offload {
            guard unlink(aside) == 0 || errno == ENOENT else { throw Self.failure("unlink") }
        }
    }

    /// What a crash left aside comes back: nobody knows any more whether it was looked up again.
    static func restoreAside(root: String) throws {
        let folder = root + "/aside"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for digest in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let target = "\(root)/blobs/\(digest.prefix(2))/\(digest)"
            guard rename("\(folder)/\(digest)", target) == 0 else { throw failure("rename") }
        }
    }

    private func asidePath(_ digest: String) -> String { "\(root)/aside/\(digest)" }

    private static func status(_ path: String, digest: String) -> Stored? {
        var status = stat()
        // Gone since it was listed.
        guard lstat(path, &status) == 0 else { return nil }
        #if canImport(Darwin)
            let modified = status.st_mtimespec
        #else
            let modified = status.st_mtim
        #endif
        return Stored(
            digest: digest, bytes: Int64(status.st_size),
            modifiedAt: Timestamp(milliseconds: Int64(modified.tv_sec) * 1000 + Int64(modified.tv_nsec) / 1_000_000))
    }

    private static func failure(_ call: String) -> MartletError {
        MartletError(.unavailable, "The artifact folder failed (\(call): \(String(cString: strerror(errno)))).")
    }
}
