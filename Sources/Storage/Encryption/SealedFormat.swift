internal import Crypto
internal import Domain
internal import NIOCore

internal import struct Foundation.Data

/// How an encrypted blob is laid out. Version 1, all numbers big-endian:
///
///     header    64 bytes: "MARTLET1", id of the data key (16), salt (32), plaintext bytes of a chunk (4), zero (4)
///     chunks    65,536 bytes of plaintext each, the last one fewer (none at all in an empty blob), each followed by its tag (16)
///     trailer   40 bytes, encrypted, with a tag (16): SHA-256 of the plaintext (32), its length (8)
///
/// Each blob has a key of its own: HKDF-SHA256 (RFC 5869) of the data key with the blob's random salt and the header as info, so that
/// no two blobs share a key and a changed header opens nothing. Chunks are AES-256-GCM under the nonces of the STREAM
/// construction (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance,
/// CRYPTO 2015; Tink's AES-GCM-HKDF streaming is the same idea): zeros (7), number of the chunk (4), 1 for the last one (1).
/// A chunk that is changed, moved, left out, repeated or taken from another blob does not open; nor does a blob that was
/// cut. The trailer (number 2³²−1) binds the blob to its digest, so that a range can be served without reading it all.
enum SealedFormat {
    static let magic = Array("MARTLET1".utf8)
    static let headerBytes = 64
    static let chunkBytes = 65_536
    static let tagBytes = 16
    static let trailerBytes = 40 + tagBytes
    /// The number of the trailer's nonce; chunks never reach it: that would be 256 TiB.
    static let trailerNumber = UInt32.max

    /// Chunks of a blob; an empty one has one empty chunk.
    static func chunks(bytes: Int64) -> Int64 { max(1, (bytes + Int64(chunkBytes) - 1) / Int64(chunkBytes)) }

    /// Where a chunk begins in the stored object.
    static func offset(chunk: Int64) -> Int64 { Int64(headerBytes) + chunk * Int64(chunkBytes + tagBytes) }

    /// Bytes of the stored object before its trailer.
    static func bodyBytes(bytes: Int64) -> Int64 {
        Int64(headerBytes) + bytes + chunks(bytes: bytes) * Int64(tagBytes)
    }

    static func header(key: DataKey.ID, salt: [UInt8]) -> [UInt8] {
        var header = magic + key.bytes + salt
        withUnsafeBytes(of: UInt32(chunkBytes).bigEndian) { header += $0 }
        header += [0, 0, 0, 0]
        return header
    }

    /// The id of the data key that a header names; nil if it is no header of this version.
    static func keyID(header: [UInt8]) -> DataKey.ID? {
        guard header.count == headerBytes, Array(header[..<8]) == magic else { return nil }
        let id = DataKey.ID(bytes: Array(header[8..<24]))
        // All else is fixed by the version.
        return header == Self.header(key: id, salt: Array(header[24..<56])) ? id : nil
    }

    static func blobKey(_ key: DataKey, header: [UInt8]) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key.key, salt: header[24..<56], info: header, outputByteCount: 32)
    }

    /// - Throws: never for twelve bytes; the library's type says that it could.
    static func nonce(_ number: UInt32, isLast: Bool) throws -> AES.GCM.Nonce {
        var bytes = [UInt8](repeating: 0, count: 7)
        withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
        bytes.append(isLast ? 1 : 0)
        return try AES.GCM.Nonce(data: bytes)
    }

    static func seal(_ plain: some Sequence<UInt8>, _ number: UInt32, isLast: Bool, key: SymmetricKey) throws -> Data {
        let box = try AES.GCM.seal(Data(plain), using: key, nonce: try nonce(number, isLast: isLast))
        return box.ciphertext + box.tag
    }

    /// - Throws: `CryptoKitError` if it is not what was sealed.
    static func open(_ sealed: some Collection<UInt8>, _ number: UInt32, isLast: Bool, key: SymmetricKey) throws -> Data
    {
        let bytes = Data(sealed)
        guard bytes.count >= tagBytes else { throw CryptoKitError.authenticationFailure }
        let box = try AES.GCM.SealedBox(
            nonce: try nonce(number, isLast: isLast), ciphertext: bytes.dropLast(tagBytes), tag: bytes.suffix(tagBytes))
        return try AES.GCM.open(box, using: key)
    }
}
