internal import Crypto
internal import Domain
internal import NIOCore

/// Reads ranges of one encrypted blob: the header and the trailer first, then the chunks that hold the range.
struct SealedReader {
    let keeper: any BlobKeeping
    let name: BlobName
    let blob: BlobStore.Blob
    let keys: DataKeyRing

    /// - Throws: `internal` naming the blob if anything in it is not as it was written; `failedPrecondition` if its data key is
    ///   not there.
    func read(_ range: Range<Int64>, _ sink: (ByteBuffer) async throws -> Void) async throws {
        let key = try await key()
        guard !range.isEmpty else { return }
        let chunk = Int64(SealedFormat.chunkBytes)
        let (first, last) = (range.lowerBound / chunk, (range.upperBound - 1) / chunk)
        let final = SealedFormat.chunks(bytes: blob.bytes) - 1
        let end = min(SealedFormat.offset(chunk: last + 1), SealedFormat.bodyBytes(bytes: blob.bytes))
        var waiting = ByteBuffer()
        var number = first
        /// Opens the chunk that is next, of which all bytes wait.
        func open(_ count: Int) throws -> ByteBuffer {
            guard let sealed = waiting.readSlice(length: count) else { throw damaged("it ends too early") }
            do {
                let plain = [UInt8](
                    try SealedFormat.open(
                        sealed.readableBytesView, UInt32(truncatingIfNeeded: number), isLast: number == final, key: key)
                )
                let from = max(range.lowerBound - number * chunk, 0)
                let to = min(range.upperBound - number * chunk, Int64(plain.count))
                guard from <= to else { throw damaged("a chunk is too short") }
                number += 1
                return ByteBuffer(bytes: plain[Int(from)..<Int(to)])
            } catch is CryptoKitError {
                throw damaged("chunk \(number) does not authenticate")
            }
        }
        let whole = SealedFormat.chunkBytes + SealedFormat.tagBytes
        try await keeper.read(name, range: SealedFormat.offset(chunk: first)..<end) { piece in
            waiting.writeImmutableBuffer(piece)
            while waiting.readableBytes >= whole { try await sink(try open(whole)) }
            waiting.discardReadBytes()
        }
        if waiting.readableBytes > 0 { try await sink(try open(waiting.readableBytes)) }
        guard number == last + 1 else { throw damaged("it ends too early") }
    }

    /// The blob's own key, once the trailer has proved that this object is this blob.
    private func key() async throws -> SymmetricKey {
        let body = SealedFormat.bodyBytes(bytes: blob.bytes)
        guard try await keeper.bytes(of: name) == body + Int64(SealedFormat.trailerBytes) else {
            throw damaged("its size is not that of its record")
        }
        let header = try await bytes(0..<Int64(SealedFormat.headerBytes))
        guard let id = SealedFormat.keyID(header: header) else { throw damaged("its header is not one of Martlet") }
        let key = SealedFormat.blobKey(try keys.key(id), header: header)
        let trailer = try await bytes(body..<body + Int64(SealedFormat.trailerBytes))
        var expected = Array(Hex.bytes(blob.digest) ?? [])
        withUnsafeBytes(of: blob.bytes.bigEndian) { expected += $0 }
        let opened = try? SealedFormat.open(trailer, SealedFormat.trailerNumber, isLast: true, key: key)
        guard let opened, Array(opened) == expected else { throw damaged("its trailer does not authenticate") }
        return key
    }

    private func bytes(_ range: Range<Int64>) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        try await keeper.read(name, range: range) { bytes += $0.readableBytesView }
        return bytes
    }

    private func damaged(_ how: String) -> MartletError {
        MartletError(.internal, "The artifact \(blob.digest) is damaged: \(how).")
    }
}
