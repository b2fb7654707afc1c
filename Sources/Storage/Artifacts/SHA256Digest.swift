internal import Crypto

/// SHA-256 of bytes in memory, as text.
enum SHA256Digest {
    static func of(_ bytes: UnsafeRawBufferPointer) -> String {
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        return hash.finalize().hexadecimal
    }
}
