internal import Crypto
internal import Domain
internal import NIOCore

/// Encrypts one blob as it comes (`SealedFormat`). Holds one chunk.
struct SealingStream {
    /// What the stored object begins with.
    let header: ByteBuffer
    private let key: SymmetricKey
    private var waiting = ByteBuffer()
    private var number: UInt32 = 0

    init(key: DataKey) {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let bytes = SealedFormat.header(key: key.id, salt: salt)
        header = ByteBuffer(bytes: bytes)
        self.key = SealedFormat.blobKey(key, header: bytes)
    }

    /// What is to be stored now: whole chunks, of which the last one known is held back, since it may be the blob's last.
    mutating func append(_ chunk: ByteBuffer) throws -> ByteBuffer {
        waiting.writeImmutableBuffer(chunk)
        var sealed = ByteBuffer()
        while waiting.readableBytes > SealedFormat.chunkBytes {
            try seal(count: SealedFormat.chunkBytes, isLast: false, into: &sealed)
        }
        waiting.discardReadBytes()
        return sealed
    }

    /// The last chunk and the trailer.
    mutating func finish(digest: SHA256.Digest, bytes: Int64) throws -> ByteBuffer {
        var sealed = ByteBuffer()
        try seal(count: waiting.readableBytes, isLast: true, into: &sealed)
        var trailer = Array(digest)
        withUnsafeBytes(of: bytes.bigEndian) { trailer += $0 }
        sealed.writeBytes(
            try SealedFormat.seal(trailer, SealedFormat.trailerNumber, isLast: true, key: key))
        return sealed
    }

    private mutating func seal(count: Int, isLast: Bool, into sealed: inout ByteBuffer) throws {
        guard number < SealedFormat.trailerNumber, let plain = waiting.readSlice(length: count) else {
            throw MartletError(.payloadTooLarge, "An encrypted artifact may have 256 TiB.")
        }
        sealed.writeBytes(try SealedFormat.seal(plain.readableBytesView, number, isLast: isLast, key: key))
        number += 1
    }
}
