internal import Crypto
internal import Domain
public import NIOCore

/// Files by content: hashed on the way in, checked on the way out, encrypted at rest where there are keys.
public struct BlobStore: Sendable {
    /// A blob that has been written and is durable.
    public struct Blob: Sendable, Hashable {
        /// SHA-256 of the plaintext, lower-case hex.
        public var digest: String
        /// Of the plaintext.
        public var bytes: Int64

        public init(digest: String, bytes: Int64) {
            self.digest = digest
            self.bytes = bytes
        }
    }

    public let keeper: any BlobKeeping
    /// Where blobs are laid that must be files on this machine and are not; nil where nobody asks for files.
    let cache: BlobCache?
    /// nil where nothing is encrypted.
    let keys: DataKeyRing?

    public init(keeper: any BlobKeeping, cache: BlobCache?, keys: DataKeyRing? = nil) {
        self.keeper = keeper
        self.cache = cache
        self.keys = keys
    }

    /// A folder, nothing encrypted.
    public init(root: String) throws {
        self.init(
            keeper: try FolderBlobKeeper(root: root), cache: try BlobCache(root: root + "/cache", bytesMax: 1 << 30))
    }

    /// The form of what is written from now on.
    var formNow: BlobName.Form { keys == nil ? .plain : .sealed }

    // MARK: writing

    /// Streams a body into a blob: hashed on the way, made durable, then named by its digest.
    ///
    /// - Throws: `payloadTooLarge` above `bytesMax`, `unavailable` if the place fails. Nothing is left behind.
    public func write<Body: AsyncSequence & Sendable>(
        _ body: Body, bytesMax: Int64
    ) async throws -> Blob where Body.Element == ByteBuffer {
        let draft = try await keeper.begin()
        do {
            var hash = SHA256()
            var bytes: Int64 = 0
            var sealing = keys?.sealing()
            if let head = sealing?.header { try await draft.append(head) }
            for try await chunk in body {
                bytes += Int64(chunk.readableBytes)
                guard bytes <= bytesMax else {
                    throw MartletError(.payloadTooLarge, "An artifact may have \(bytesMax) bytes.")
                }
                chunk.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
                if let sealed = try sealing?.append(chunk) {
                    if sealed.readableBytes > 0 { try await draft.append(sealed) }
                } else {
                    try await draft.append(chunk)
                }
            }
            let digest = hash.finalize()
            if let tail = try sealing?.finish(digest: digest, bytes: bytes) { try await draft.append(tail) }
            let blob = Blob(digest: digest.hexadecimal, bytes: bytes)
            try await draft.commit(as: BlobName(digest: blob.digest, form: formNow))
            return blob
        } catch {
            await draft.abandon()
            throw error
        }
    }

    // MARK: reading

    /// A blob's bytes, its digest checked.
    ///
    /// - Throws: `payloadTooLarge`, or `internal` if the blob is damaged or missing.
    public func read(_ blob: Blob, bytesMax: Int) async throws -> [UInt8] {
        guard blob.bytes <= bytesMax else {
            throw MartletError(.payloadTooLarge, "The file has \(blob.bytes) bytes; at most \(bytesMax) are read here.")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(blob.bytes))
        try await stream(blob) { bytes += $0.readableBytesView }
        return bytes
    }

    /// Hands over a blob, or a range of it, piece by piece; the next piece is read when the last has been taken.
    ///
    /// Of a whole blob the last piece is held back until the digest of all of it is right, so that who counts bytes never takes
    /// a damaged blob for a whole one. A range of an encrypted blob is authenticated chunk by chunk; a range of a plain one
    /// cannot be checked.
    ///
    /// - Throws: `internal` if the blob is damaged or missing, `failedPrecondition` if it is encrypted and its key is not there,
    ///   `unavailable` if the place fails, and what `sink` throws.
    public func stream(
        _ blob: Blob, range: Range<Int64>? = nil, _ sink: (ByteBuffer) async throws -> Void
    ) async throws {
        let range = range ?? 0..<blob.bytes
        guard range != 0..<blob.bytes else { return try await streamChecked(blob, sink) }
        try await piece(blob, range, sink)
    }

    private func streamChecked(_ blob: Blob, _ sink: (ByteBuffer) async throws -> Void) async throws {
        var hash = SHA256()
        var held: ByteBuffer?
        try await piece(blob, 0..<blob.bytes) { chunk in
            chunk.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
            if let before = held { try await sink(before) }
            held = chunk
        }
        guard hash.finalize().hexadecimal == blob.digest else { throw Self.damaged(blob.digest) }
        if let held { try await sink(held) }
    }

    private func piece(
        _ blob: Blob, _ range: Range<Int64>, _ sink: (ByteBuffer) async throws -> Void
    ) async throws {
        let name = try await name(of: blob)
        guard name.form == .sealed else { return try await keeper.read(name, range: range, sink) }
        guard let keys else {
            throw MartletError.precondition(
                "The artifact \(blob.digest) is encrypted, and the server has no key: start it with --encryption-key-file."
            )
        }
        try await SealedReader(keeper: keeper, name: name, blob: blob, keys: keys).read(range, sink)
    }

    /// The stored object of a blob.
    ///
    /// - Throws: `internal` if there is none.
    func name(of blob: Blob) async throws -> BlobName {
        if let name = try await find(blob) { return name }
        throw MartletError(.internal, "The artifact \(blob.digest) is missing from \(keeper.place).")
    }

    /// The stored object of a blob; nil if there is none.
    func find(_ blob: Blob) async throws -> BlobName? {
        // Most are of the form that is written now.
        let forms: [BlobName.Form] = keys == nil ? [.plain, .sealed] : [.sealed, .plain]
        for form in forms {
            let name = BlobName(digest: blob.digest, form: form)
            if try await keeper.bytes(of: name) != nil { return name }
        }
        return nil
    }

    static func damaged(_ digest: String) -> MartletError {
        MartletError(.internal, "The artifact \(digest) is damaged: its bytes do not match its digest.")
    }

    // MARK: files

    /// A file on this machine with a blob's bytes, its digest checked now. In a folder without encryption it is the blob itself;
    /// else it lies in the cache, and may go when others push it out unless it is pinned.
    ///
    /// - Throws: what `stream` throws.
    public func localPath(_ blob: Blob) async throws -> String {
        if let path = keeper.localPath(digest: blob.digest), try await name(of: blob).form == .plain {
            try await streamChecked(blob) { _ in }
            return path
        }
        guard let cache else {
            throw MartletError(.internal, "There is no folder to lay the artifact \(blob.digest) into.")
        }
        return try await cache.path(of: blob) { write in try await stream(blob, write) }
    }

    /// Keeps these blobs, and no others, from being pushed out of the cache.
    public func pin(_ digests: Set<String>) { cache?.pin(digests) }

    /// Removes what was laid into the cache of a blob that has gone for good.
    func forget(_ digest: String) async throws { try await cache?.remove(digest) }
}

extension SHA256.Digest {
    /// 64 lower-case digits.
    var hexadecimal: String { Hex.text(self) }
}
