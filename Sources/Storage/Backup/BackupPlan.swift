internal import Crypto
public import Domain
internal import Foundation
internal import NIOPosix

/// A backup of a data directory in use: both databases as they are at this moment, and every other file with its digest.
///
/// The databases are copied first and blobs are never changed, so each artifact that the copy of registry.db names is in the
/// backup. The archive is a POSIX tar file whose first member is the manifest. It holds the server's keys: keep it secret.
public struct BackupPlan: Sendable {
    /// Files up to this size are kept in memory from planning to writing, so that they cannot change between.
    static let heldBytesMax = 1 << 20
    static let chunkBytes = 256 << 10
    /// Files at most; a manifest of more would not fit in memory.
    static let filesMax = 5_000_000
    /// What the folders of copies are called in the data directory, with a random end.
    public static let copiesPrefix = "backup-"

    private enum Contents: Sendable {
        case held([UInt8])
        case file(String)
    }

    public let manifest: BackupManifest
    private let contents: [Contents]
    private let copies: String

    /// Copies the databases beside the originals and takes the digest of everything.
    ///
    /// - Throws: `unavailable` if a file cannot be read or the disk is full.
    public static func prepare(
        dataDirectory: String, registry: Database, observations: Database, at now: Timestamp
    ) async throws -> BackupPlan {
        let copies = "\(dataDirectory)/\(copiesPrefix)\(Hex.random(bytes: 8))"
        do {
            try FileManager.default.createDirectory(
                atPath: copies, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            // Checkpoints before the database: each then signs an event that the copy has.
            let checkpoints = try read(dataDirectory + "/" + checkpointFile)
            try await registry.backup(to: copies + "/registry.db")
            try await observations.backup(to: copies + "/observations.db")
            return try await NIOThreadPool.singleton.runIfActive {
                try BackupPlan(dataDirectory: dataDirectory, copies: copies, checkpoints: checkpoints, now: now)
            }
        } catch {
            // What matters is why there is no backup.
            try? FileManager.default.removeItem(atPath: copies)
            throw (error as? MartletError)
                ?? MartletError(.unavailable, "The backup could not be prepared. Check the disk.", cause: error)
        }
    }

    private static let checkpointFile = "keys/audit.checkpoints"

    private init(dataDirectory: String, copies: String, checkpoints: [UInt8]?, now: Timestamp) throws {
        var files: [BackupManifest.File] = []
        var contents: [Contents] = []
        func add(_ path: String, _ bytes: [UInt8]) {
            files.append(.init(path: path, bytes: Int64(bytes.count), sha256: Hex.text(SHA256.hash(data: Data(bytes)))))
            contents.append(.held(bytes))
        }
        func add(_ path: String, at source: String, bytes: Int64, sha256: String) {
            files.append(.init(path: path, bytes: bytes, sha256: sha256))
            contents.append(.file(source))
        }
        for name in ["registry.db", "observations.db"] {
            let source = copies + "/" + name
            let (bytes, digest) = try Self.digest(of: source)
            add(name, at: source, bytes: bytes, sha256: digest)
        }
        if let checkpoints { add(Self.checkpointFile, checkpoints) }
        for path in try Self.paths(in: dataDirectory) where path != Self.checkpointFile {
            let source = dataDirectory + "/" + path
            let name = String(path.split(separator: "/").last ?? "")
            let size = try FileManager.default.attributesOfItem(atPath: source)[.size] as? Int64 ?? 0
            if path.hasPrefix("artifacts/blobs/"), name.utf8.count == 64 {
                // Its name is its digest; restoring checks it.
                add(path, at: source, bytes: size, sha256: name)
            } else if size <= Self.heldBytesMax {
                if let bytes = try Self.read(source) { add(path, bytes) }
            } else {
                let (bytes, digest) = try Self.digest(of: source)
                add(path, at: source, bytes: bytes, sha256: digest)
            }
        }
        manifest = BackupManifest(format: BackupManifest.formatNow, madeAt: now, files: files)
        self.contents = contents
        self.copies = copies
    }

    /// Writes the archive piece by piece.
    ///
    /// - Throws: what `sink` throws; `unavailable` if a file cannot be read or has changed its size.
    public func write(_ sink: ([UInt8]) async throws -> Void) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let head = [UInt8](try encoder.encode(manifest))
        try await Self.write(BackupManifest.name, head, sink)
        for (file, contents) in zip(manifest.files, contents) {
            switch contents {
            case .held(let bytes): try await Self.write(file.path, bytes, sink)
            case .file(let source): try await Self.write(file, from: source, sink)
            }
        }
        try await sink([UInt8](repeating: 0, count: TarHeader.blockBytes * 2))
    }

    /// Removes the copies of the databases. Call it when the archive is written, or will not be.
    public func discard() {
        // What stays behind costs disk space and is left out of the next backup.
        try? FileManager.default.removeItem(atPath: copies)
    }

    private static func write(_ name: String, _ bytes: [UInt8], _ sink: ([UInt8]) async throws -> Void) async throws {
        let size = Int64(bytes.count)
        let padding = [UInt8](repeating: 0, count: TarHeader.padding(after: size))
        try await sink(try TarHeader(name: name, bytes: size).encoded() + bytes + padding)
    }

    private static func write(
        _ file: BackupManifest.File, from source: String, _ sink: ([UInt8]) async throws -> Void
    ) async throws {
        try await sink(try TarHeader(name: file.path, bytes: file.bytes).encoded())
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: source))
        defer { try? handle.close() }  // a reader that fails to close has lost nothing
        var left = file.bytes
        while left > 0 {
            let count = Int(min(left, Int64(chunkBytes)))
            let chunk = try await NIOThreadPool.singleton.runIfActive { try handle.read(upToCount: count) ?? Data() }
            guard !chunk.isEmpty else {
                throw MartletError(.unavailable, "\(source) became shorter while it was backed up.")
            }
            left -= Int64(chunk.count)
            try await sink([UInt8](chunk))
        }
        try await sink([UInt8](repeating: 0, count: TarHeader.padding(after: file.bytes)))
    }

    /// Every file to take over as it is: not the databases, locks, uploads in progress or copies of another backup.
    private static func paths(in root: String) throws -> [String] {
        guard let walk = FileManager.default.enumerator(atPath: root) else {
            throw MartletError(.unavailable, "\(root) cannot be read.")
        }
        var paths: [String] = []
        while let path = walk.nextObject() as? String {
            let attributes = walk.fileAttributes
            if attributes?[.type] as? FileAttributeType == .typeDirectory {
                let isPassing = ["artifacts/incoming", "artifacts/cache", "cache"].contains(path)
                if isPassing || path.hasPrefix(copiesPrefix) { walk.skipDescendants() }
                continue
            }
            let isPlain = attributes?[.type] as? FileAttributeType == .typeRegular
            let isDatabase = path.hasPrefix("registry.db") || path.hasPrefix("observations.db")
            if isPlain, !isDatabase, !path.hasSuffix(".lock"), !path.hasSuffix(".new") { paths.append(path) }
            guard paths.count <= filesMax else {
                throw MartletError(.resourceExhausted, "A backup has at most \(filesMax) files.")
            }
        }
        return paths.sorted()
    }

    /// - Returns: nil if there is no such file (any more).
    private static func read(_ path: String) throws -> [UInt8]? {
        FileManager.default.contents(atPath: path).map { [UInt8]($0) }
    }

    private static func digest(of path: String) throws -> (Int64, String) {
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? handle.close() }  // a reader that fails to close has lost nothing
        var hash = SHA256()
        var bytes: Int64 = 0
        while let chunk = try handle.read(upToCount: chunkBytes), !chunk.isEmpty {
            hash.update(data: chunk)
            bytes += Int64(chunk.count)
        }
        return (bytes, Hex.text(hash.finalize()))
    }
}
