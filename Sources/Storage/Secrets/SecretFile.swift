internal import Domain
internal import Foundation

/// A file that only its owner may read (mode 0600), made whole or not at all.
public struct SecretFile: Sendable {
    public let path: String

    public init(path: String) {
        self.path = path
    }

    /// Makes the file and its contents durable.
    ///
    /// - Throws: `alreadyExists` if there is such a file, `unavailable` if it cannot be made.
    public func create(_ bytes: [UInt8]) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            let code: MartletError.Code = errno == EEXIST ? .alreadyExists : .unavailable
            throw MartletError(code, "\(path) cannot be made: \(String(cString: strerror(errno))).")
        }
        do {
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            try handle.write(contentsOf: Data(bytes))
            try handle.synchronize()
        } catch {
            // Half a secret is worse than none; if it cannot be removed either, the error below says where it lies.
            unlink(path)
            throw MartletError(.unavailable, "\(path) cannot be written.", cause: error)
        }
    }

    /// - Returns: nil if there is no such file.
    /// - Throws: `failedPrecondition` if others may read it, `unavailable` if it cannot be read.
    public func read() throws -> [UInt8]? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw MartletError(.unavailable, "\(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw MartletError.precondition("Others may read \(path), which holds a secret. Run: chmod 600 \(path)")
        }
        do {
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw MartletError(.unavailable, "\(path) cannot be read.", cause: error)
        }
    }

    /// The contents, which `make` gives when there is no file yet. Two processes that start together end with the same.
    public func readOrCreate(_ make: () -> [UInt8]) throws -> [UInt8] {
        if let bytes = try read() { return bytes }
        // Written beside and linked into place, so that the other process never sees half of it.
        let draft = SecretFile(path: "\(path).\(getpid()).new")
        let bytes = make()
        try draft.create(bytes)
        defer { unlink(draft.path) }
        if link(draft.path, path) == 0 { return bytes }
        if errno == EEXIST, let other = try read() { return other }
        throw MartletError(.unavailable, "\(path) cannot be made: \(String(cString: strerror(errno))).")
    }
}
