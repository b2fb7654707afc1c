internal import Domain
internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// One file being received in `incoming`.
final class FolderBlobDraft: BlobDraft {
    private let path: String
    private let root: String
    /// -1 once closed.
    private let descriptor: Mutex<Int32>

    init(root: String) throws {
        self.root = root
        path = "\(root)/incoming/\(UUID().uuidString)"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.diskFailure("open") }
        self.descriptor = Mutex(descriptor)
    }

    func append(_ chunk: ByteBuffer) async throws {
        try await FolderBlobKeeper.offload { try self.write(chunk) }
    }

    func commit(as name: BlobName) async throws {
        try await FolderBlobKeeper.offload { try self.finish(self.root + "/" + name.key) }
    }

    func abandon() async {
        // Not handed to another thread: a caller that was cancelled could not wait for it. The start of the server removes what
        // cannot be removed now.
        close()
        unlink(path)
    }

    private func write(_ chunk: ByteBuffer) throws {
        try descriptor.withLock { descriptor in
            try chunk.withUnsafeReadableBytes { raw in
                var rest = raw[...]
                while !rest.isEmpty {
                    let written = Foundation.write(
                        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                    if written < 0 && errno == EINTR { continue }
                    guard written > 0 else { throw Self.diskFailure("write") }
                    rest = rest.dropFirst(written)
                }
            }
        }
    }

    /// Makes the bytes durable and gives the file its name.
    private func finish(_ target: String) throws {
        try descriptor.withLock { descriptor in
            guard fsync(descriptor) == 0 else { throw Self.diskFailure("fsync") }
            Foundation.close(descriptor)
            descriptor = -1
        }
        guard rename(path, target) == 0 else { throw Self.diskFailure("rename") }
        try Self.syncFolder((target as NSString).deletingLastPathComponent)
    }

    private func close() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { Foundation.close(descriptor) }
            descriptor = -1
        }
    }

    /// A rename is durable only once its folder is.
    static func syncFolder(_ folder: String) throws {
        let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw diskFailure("open") }
        defer { Foundation.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw diskFailure("fsync") }
    }

    static func diskFailure(_ call: String) -> MartletError {
        MartletError(
            .unavailable,
            "The artifact folder failed (\(call): \(String(cString: strerror(errno)))); nothing was stored.")
    }
}
