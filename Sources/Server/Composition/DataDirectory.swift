internal import Domain
internal import Foundation

/// The folder of one server: made with mode 0700, and locked so that no second server writes to it.
final class DataDirectory: Sendable {
    let path: String
    private let lock: Int32

    /// - Throws: `failedPrecondition` naming the server that holds the folder.
    init(path: String) throws {
        self.path = path
        for folder in [path, path + "/keys"] {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        let file = path + "/control.lock"
        lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            throw MartletError(.unavailable, "\(file) cannot be opened: \(String(cString: strerror(errno))).")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let holder = FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) } ?? ""
            close(lock)
            throw MartletError.precondition(
                "Another server uses \(path): \(holder.isEmpty ? "it has not said where it listens yet" : holder). Stop it, or give another --data-dir."
            )
        }
    }

    /// Writes into the lock file where this server listens, for clients on this machine and for a second server's refusal.
    func announce(url: String) {
        let text = "{\"pid\":\(getpid()),\"url\":\"\(url)\"}"
        ftruncate(lock, 0)
        // A lock without its text still locks; only the refusal of a second server is less clear then.
        _ = text.withCString { pwrite(lock, $0, strlen($0), 0) }
    }

    deinit { close(lock) }
}
