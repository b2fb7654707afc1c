internal import Crypto
internal import Domain
internal import Foundation
internal import NIOCore
internal import Synchronization

/// One file being received.
final class BlobWriter: Sendable {
    private struct State {
        var hash = SHA256()
        var bytes: Int64 = 0
        var descriptor: Int32
    }

    private let path: String
    private let state: Mutex<State>

    init(path: String) throws {
        self.path = path
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.diskFailure("open") }
        state = Mutex(State(descriptor: descriptor))
    }

    var bytes: Int64 { state.withLock { $0.bytes } }

    func append(_ chunk: ByteBuffer) throws {
        try state.withLock { state in
            try chunk.withUnsafeReadableBytes { raw in
                state.hash.update(bufferPointer: raw)
                state.bytes += Int64(raw.count)
                var rest = raw[...]
                while !rest.isEmpty {
                    let written = Foundation.write(
                        state.descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                    if written < 0 && errno == EINTR { continue }
                    guard written > 0 else { throw Self.diskFailure("write") }
                    rest = rest.dropFirst(written)
                }
            }
        }
    }

    /// Makes the bytes durable and gives the file its name.
    func finish(path named: (String) -> String) throws -> BlobStore.Blob {
        try state.withLock { state in
            guard fsync(state.descriptor) == 0 else { throw Self.diskFailure("fsync") }
            close(state.descriptor)
            state.descriptor = -1
            let digest = state.hash.finalize().hexadecimal
            let target = named(digest)
            let folder = (target as NSString).deletingLastPathComponent
            guard rename(path, target) == 0 else { throw Self.diskFailure("rename") }
            try Self.syncFolder(folder)
            return BlobStore.Blob(digest: digest, bytes: state.bytes)
        }
    }

    func abandon() {
        state.withLock { state in
            if state.descriptor >= 0 { close(state.descriptor) }
            state.descriptor = -1
        }
        unlink(path)
    }

    /// A rename is durable only once its folder is.
    static func syncFolder(_ folder: String) throws {
        let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw diskFailure("open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw diskFailure("fsync") }
    }

    private static func diskFailure(_ call: String) -> MartletError {
        MartletError(
            .unavailable,
            "The artifact folder failed (\(call): \(String(cString: strerror(errno)))); nothing was stored.")
    }
}
