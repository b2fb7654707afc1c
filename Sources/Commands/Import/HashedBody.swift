internal import Crypto
internal import Domain
internal import NIOCore
internal import Synchronization

/// Counts and hashes bytes on their way from one server to the other.
final class HashedBody: Sendable {
    private let state = Mutex((hash: SHA256(), bytes: Int64(0)))

    func take(_ piece: ByteBuffer) {
        state.withLock { state in
            piece.withUnsafeReadableBytes { state.hash.update(bufferPointer: $0) }
            state.bytes += Int64(piece.readableBytes)
        }
    }

    var bytes: Int64 { state.withLock { $0.bytes } }

    /// SHA-256 of what came so far, lower-case hex.
    var digest: String {
        state.withLock { state in
            state.hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }
}
