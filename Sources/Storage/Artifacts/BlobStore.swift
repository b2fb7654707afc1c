internal import Crypto
internal import Domain
internal import Foundation
public import NIOCore
internal import NIOPosix

/// Content-addressed files in a folder: `blobs/ab/abcdef…`. A blob never changes once it has its name.
public struct BlobStore: Sendable {
    /// A blob that has been written and is durable.
    public struct Blob: Sendable, Hashable {
        /// SHA-256, lower-case hex.
        public var digest: String
        public var bytes: Int64
    }

    /// Folder that holds `blobs` and `incoming`.
    public let root: String

    /// Makes the folders and removes what a crash left half-written.
    ///
    /// All 256 folders of blobs are made and flushed here, so that no blob is ever acknowledged whose folder a power failure
    /// could still take away.
    public init(root: String) throws {
        self.root = root
        let files = FileManager.default
        let incoming = root + "/incoming"
        if files.fileExists(atPath: incoming) { try files.removeItem(atPath: incoming) }
        let blobs = root + "/blobs"
        let prefixes = (0..<256).map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }
        for folder in [blobs, incoming] + prefixes.map({ "\(blobs)/\($0)" }) {
            try files.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        try Self.restoreAside(root: root)
        for folder in [blobs, root, (root as NSString).deletingLastPathComponent] {
            try BlobWriter.syncFolder(folder)
        }
    }

    /// The file of a blob, whether or not it is there.
    public func path(digest: String) -> String {
        "\(root)/blobs/\(digest.prefix(2))/\(digest)"
    }

    /// Streams a body into a blob: hashed on the way, flushed to disk, then named by its digest.
    ///
    /// - Throws: `payloadTooLarge` above `bytesMax`, `unavailable` if the disk fails. Nothing is left behind.
    public func write<Body: AsyncSequence & Sendable>(
        _ body: Body, bytesMax: Int64
    ) async throws -> Blob where Body.Element == ByteBuffer {
        let incoming = "\(root)/incoming/\(UUID().uuidString)"
        let file = try await Self.offload { try BlobWriter(path: incoming) }
        do {
            for try await chunk in body {
                guard file.bytes + Int64(chunk.readableBytes) <= bytesMax else {
                    throw MartletError(.payloadTooLarge, "An artifact may have \(bytesMax) bytes.")
                }
                try await Self.offload { try file.append(chunk) }
            }
            return try await Self.offload { try file.finish { path(digest: $0) } }
        } catch {
            try await Self.offload { file.abandon() }
            throw error
        }
    }

    /// A blob's bytes, its digest checked.
    ///
    /// - Throws: `payloadTooLarge`, or `internal` if the file is damaged.
    public func read(digest: String, bytesMax: Int) async throws -> [UInt8] {
        let path = path(digest: digest)
        return try await Self.offload {
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
            guard size <= bytesMax else {
                throw MartletError(.payloadTooLarge, "The file has \(size) bytes; at most \(bytesMax) are read here.")
            }
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            guard SHA256.hash(data: data).hexadecimal == digest else {
                throw MartletError(.internal, "The artifact \(digest) is damaged: its bytes do not match its digest.")
            }
            return [UInt8](data)
        }
    }

    /// Bytes `offset ..< offset + count` of a blob, for streaming to a client.
    public func readChunk(digest: String, offset: Int64, count: Int) async throws -> ByteBuffer {
        let path = path(digest: digest)
        return try await Self.offload {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }  // a reader that fails to close has lost nothing
            try handle.seek(toOffset: UInt64(offset))
            return ByteBuffer(bytes: try handle.read(upToCount: count) ?? Data())
        }
    }

    /// Blocking file work belongs on threads of its own, never on an event loop.
    static func offload<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws
        -> Result
    {
        try await NIOThreadPool.singleton.runIfActive(body)
    }
}

extension SHA256.Digest {
    /// 64 lower-case digits.
    var hexadecimal: String {
        map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
    }
}
