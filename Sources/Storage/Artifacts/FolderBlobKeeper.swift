internal import Domain
internal import Foundation
public import NIOCore
internal import NIOPosix

/// Objects as files of a folder: `blobs/ab/abcdef…` and `sealed/ab/abcdef…`, written in `incoming`.
public struct FolderBlobKeeper: BlobKeeping {
    /// Bytes read from disk at a time.
    static let chunkBytes: Int64 = 256 << 10
    /// Names of one listing.
    static let listMax = 1_000

    public let root: String

    public var place: String { root }

    /// A folder that is there and stays as it is: for those who only read.
    public init(reading root: String) { self.root = root }

    /// Makes the folders, removes what a crash left half-written and brings back what a collection left aside.
    ///
    /// All 256 folders of each form are made and flushed here, so that no blob is ever acknowledged whose folder a power failure
    /// could still take away.
    ///
    /// - Parameter mends: false where another process writes into the same folder.
    public init(root: String, mends: Bool = true) throws {
        self.root = root
        let files = FileManager.default
        let incoming = root + "/incoming"
        if mends, files.fileExists(atPath: incoming) { try files.removeItem(atPath: incoming) }
        let forms = BlobName.Form.allCases.map { "\(root)/\($0.rawValue)" }
        let folders = forms + [incoming] + forms.flatMap { form in Self.prefixes.map { "\(form)/\($0)" } }
        for folder in folders {
            try files.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        if mends { try Self.restoreAside(root: root) }
        for folder in forms + [root, (root as NSString).deletingLastPathComponent] {
            try FolderBlobDraft.syncFolder(folder)
        }
    }

    /// "00" … "ff".
    static let prefixes = (0..<256).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }

    public func begin() async throws -> any BlobDraft {
        try await Self.offload { try FolderBlobDraft(root: root) }
    }

    public func bytes(of name: BlobName) async throws -> Int64? {
        let path = path(name)
        return try await Self.offload {
            var status = stat()
            guard stat(path, &status) == 0 else {
                if errno == ENOENT { return nil }
                throw MartletError(.unavailable, "\(path) cannot be read: \(String(cString: strerror(errno))).")
            }
            return Int64(status.st_size)
        }
    }

    public func read(_ name: BlobName, range: Range<Int64>, _ sink: (ByteBuffer) async throws -> Void) async throws {
        let path = path(name)
        let descriptor = try await Self.offload {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                throw MartletError(
                    .internal, "The artifact \(name.digest) cannot be read: \(String(cString: strerror(errno))).")
            }
            return descriptor
        }
        defer { Foundation.close(descriptor) }
        var offset = range.lowerBound
        while offset < range.upperBound {
            let start = offset
            let count = Int(min(Self.chunkBytes, range.upperBound - start))
            let chunk = try await Self.offload { try Self.chunk(descriptor, at: start, count: count, of: name) }
            offset += Int64(chunk.readableBytes)
            try await sink(chunk)
        }
    }

    private static func chunk(_ descriptor: Int32, at offset: Int64, count: Int, of name: BlobName) throws -> ByteBuffer
    {
        var buffer = ByteBuffer()
        let got = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { room in
            var got = pread(descriptor, room.baseAddress, count, off_t(offset))
            while got < 0, errno == EINTR { got = pread(descriptor, room.baseAddress, count, off_t(offset)) }
            guard got >= 0 else {
                throw MartletError(
                    .unavailable,
                    "The artifact \(name.digest) cannot be read: \(String(cString: strerror(errno))).")
            }
            return got
        }
        guard got > 0 else {
            throw MartletError(.internal, "The artifact \(name.digest) is damaged: it is shorter than its record.")
        }
        return buffer
    }

    public func remove(_ name: BlobName) async throws {
        let path = path(name)
        try await Self.offload {
            guard unlink(path) == 0 || errno == ENOENT else {
                throw MartletError(.unavailable, "\(path) cannot be removed: \(String(cString: strerror(errno))).")
            }
        }
    }

    public func list(_ form: BlobName.Form, after digest: String?) async throws -> [BlobName] {
        let root = root
        return try await Self.offload {
            var names: [BlobName] = []
            for prefix in Self.prefixes where digest.map({ prefix >= $0.prefix(2) }) ?? true {
                let folder = "\(root)/\(form.rawValue)/\(prefix)"
                // A folder that is not there has no blobs: data of an older Martlet has no sealed ones.
                guard FileManager.default.fileExists(atPath: folder) else { continue }
                names += try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
                    .filter { BlobName.isDigest($0) && $0 > digest ?? "" }
                    .map { BlobName(digest: $0, form: form) }
                if names.count >= Self.listMax { return Array(names.prefix(Self.listMax)) }
            }
            return names
        }
    }

    public var collecting: (any BlobCollecting)? { self }

    public func localPath(digest: String) -> String? { path(BlobName(digest: digest, form: .plain)) }

    /// A start removes them all: nobody else writes into this folder.
    public func removeAbandoned() async throws -> Int { 0 }

    func path(_ name: BlobName) -> String { root + "/" + name.key }

    /// Blocking file work belongs on threads of its own, never on an event loop.
    static func offload<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await NIOThreadPool.singleton.runIfActive(body)
    }
}
