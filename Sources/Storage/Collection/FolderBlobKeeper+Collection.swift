public import Domain
internal import Foundation

/// An upload is renamed over the blob that is there, which gives it its modification time; aside is a folder beside both forms.
extension FolderBlobKeeper: BlobCollecting {
    /// What tells the two forms apart in `aside`.
    private static let sealedSuffix = ".sealed"

    public func stored(prefix: String) async throws -> [StoredBlob] {
        let root = root
        return try await Self.offload {
            var found: [StoredBlob] = []
            for form in BlobName.Form.allCases {
                let folder = "\(root)/\(form.rawValue)/\(prefix)"
                for digest in try FileManager.default.contentsOfDirectory(atPath: folder)
                where BlobName.isDigest(digest) {
                    let name = BlobName(digest: digest, form: form)
                    if let blob = Self.status("\(folder)/\(digest)", name) { found.append(blob) }
                }
            }
            return found.sorted { $0.name.digest < $1.name.digest }
        }
    }

    public func setAside(_ name: BlobName, ifUnchangedSince time: Timestamp) async throws -> Bool {
        let (path, aside) = (path(name), asidePath(name))
        return try await Self.offload {
            guard rename(path, aside) == 0 else {
                guard errno == ENOENT else { throw Self.failure("rename") }
                return false
            }
            guard let status = Self.status(aside, name), status.modifiedAt > time else { return true }
            guard rename(aside, path) == 0 else { throw Self.failure("rename") }
            return false
        }
    }

    public func putBack(_ name: BlobName) async throws {
        let (path, aside) = (path(name), asidePath(name))
        try await Self.offload { guard rename(aside, path) == 0 else { throw Self.failure("rename") } }
    }

    public func discard(_ name: BlobName) async throws {
        let aside = asidePath(name)
        try await Self.offload {
            guard unlink(aside) == 0 || errno == ENOENT else { throw Self.failure("unlink") }
        }
    }

    /// What a crash left aside comes back: nobody knows any more whether it was looked up again.
    static func restoreAside(root: String) throws {
        let folder = root + "/aside"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let name =
                file.hasSuffix(sealedSuffix)
                ? BlobName(digest: String(file.dropLast(sealedSuffix.count)), form: .sealed)
                : BlobName(digest: file, form: .plain)
            guard rename("\(folder)/\(file)", "\(root)/\(name.key)") == 0 else { throw failure("rename") }
        }
    }

    private func asidePath(_ name: BlobName) -> String {
        "\(root)/aside/\(name.digest)\(name.form == .sealed ? Self.sealedSuffix : "")"
    }

    private static func status(_ path: String, _ name: BlobName) -> StoredBlob? {
        var status = stat()
        // Gone since it was listed.
        guard lstat(path, &status) == 0 else { return nil }
        #if canImport(Darwin)
            let modified = status.st_mtimespec
        #else
            let modified = status.st_mtim
        #endif
        return StoredBlob(
            name: name, bytes: Int64(status.st_size),
            modifiedAt: Timestamp(milliseconds: Int64(modified.tv_sec) * 1000 + Int64(modified.tv_nsec) / 1_000_000))
    }

    private static func failure(_ call: String) -> MartletError {
        MartletError(.unavailable, "The artifact folder failed (\(call): \(String(cString: strerror(errno)))).")
    }
}
