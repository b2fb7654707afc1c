internal import Crypto
internal import Domain
internal import Foundation

/// Reads a backup: checks every digest, and unpacks where asked to.
public struct BackupReader {
    static let chunkBytes = 256 << 10
    /// Of the manifest: some 150 bytes a file.
    static let manifestBytesMax: Int64 = 1 << 30

    private let handle: FileHandle
    private let path: String

    /// - Throws: `notFound` if the file cannot be opened.
    public init(path: String) throws {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw MartletError.notFound("\(path) cannot be opened.")
        }
        self.handle = handle
        self.path = path
    }

    /// Reads the whole file.
    ///
    /// - Parameter directory: a new folder to unpack into; nil only checks.
    /// - Returns: the manifest, all of whose files are there and have the digests that it says.
    /// - Throws: `invalidArgument` naming the first thing that is wrong with the backup, `unavailable` if the disk fails.
    @discardableResult
    public func readAll(into directory: String? = nil) throws -> BackupManifest {
        guard let first = try header(), first.name == BackupManifest.name, first.bytes <= Self.manifestBytesMax else {
            throw MartletError.invalid("\(path) is no backup of Martlet: it does not begin with its manifest.")
        }
        let text = try exactly(Int(first.bytes))
        try skipPadding(after: first.bytes)
        guard let manifest = try? JSONDecoder().decode(BackupManifest.self, from: text) else {
            throw MartletError.invalid("The manifest of \(path) cannot be read.")
        }
        guard manifest.format == BackupManifest.formatNow else {
            throw MartletError.precondition(
                "\(path) has the format \(manifest.format); this Martlet reads \(BackupManifest.formatNow).")
        }
        for file in manifest.files { try read(file, into: directory) }
        guard try header() == nil else { throw MartletError.invalid("\(path) has more files than its manifest.") }
        return manifest
    }

    private func read(_ file: BackupManifest.File, into directory: String?) throws {
        guard Self.isSafe(file.path) else {
            throw MartletError.invalid("The backup names the file \(file.path), which leads out of the data directory.")
        }
        guard let header = try header(), header.name == file.path, header.bytes == file.bytes else {
            throw MartletError.invalid("The backup is damaged: \(file.path) is missing or has another size.")
        }
        let output = try directory.map { try Self.create($0 + "/" + file.path) }
        var hash = SHA256()
        var left = file.bytes
        while left > 0 {
            let chunk = try exactly(Int(min(left, Int64(Self.chunkBytes))))
            hash.update(data: chunk)
            try output?.write(contentsOf: chunk)
            left -= Int64(chunk.count)
        }
        try output?.synchronize()
        try output?.close()
        guard Hex.text(hash.finalize()) == file.sha256 else {
            throw MartletError.invalid("The backup is damaged: the contents of \(file.path) do not match its digest.")
        }
        try skipPadding(after: file.bytes)
    }

    /// A relative path without steps upwards.
    static func isSafe(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return !path.isEmpty && !path.utf8.contains(0) && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }

    private static func create(_ path: String) throws -> FileHandle {
        let folder = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw MartletError(.unavailable, "\(path) cannot be made: \(String(cString: strerror(errno))).")
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    private func header() throws -> TarHeader? {
        try TarHeader([UInt8](try exactly(TarHeader.blockBytes)))
    }

    private func skipPadding(after bytes: Int64) throws {
        _ = try exactly(TarHeader.padding(after: bytes))
    }

    private func exactly(_ count: Int) throws -> Data {
        var data = Data()
        while data.count < count {
            guard let more = try handle.read(upToCount: count - data.count), !more.isEmpty else {
                throw MartletError.invalid("\(path) ends in the middle: the backup was not finished.")
            }
            data += more
        }
        return data
    }
}

extension BackupReader {
    /// Unpacks a backup into a data directory that is new or empty, all of it or nothing.
    ///
    /// - Returns: the manifest.
    /// - Throws: `failedPrecondition` if the folder holds anything; what reading the backup throws.
    public static func restore(_ file: String, into directory: String) throws -> BackupManifest {
        let files = FileManager.default
        if files.fileExists(atPath: directory) {
            guard try files.contentsOfDirectory(atPath: directory).isEmpty else {
                throw MartletError.precondition(
                    "\(directory) is not empty. A backup is restored into a new folder only.")
            }
        }
        let target = URL(fileURLWithPath: directory).standardizedFileURL.path
        let draft = "\(target).restoring-\(getpid())"
        do {
            try files.createDirectory(
                atPath: draft, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let manifest = try BackupReader(path: file).readAll(into: draft)
            guard rename(draft, target) == 0 else {
                throw MartletError(.unavailable, "\(target) cannot be made: \(String(cString: strerror(errno))).")
            }
            return manifest
        } catch {
            // The failure that matters is why nothing was restored.
            try? files.removeItem(atPath: draft)
            throw error
        }
    }
}
