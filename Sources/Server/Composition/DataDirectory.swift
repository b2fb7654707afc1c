internal import Domain
internal import Foundation
internal import Storage

/// The folder of one server: made with mode 0700, and locked so that no second server serves the same plane of it.
final class DataDirectory: Sendable {
    let path: String
    /// One a plane. The first is where this server says that it listens.
    private let locks: [Int32]

    /// - Throws: `failedPrecondition` naming the server that holds a plane of the folder.
    init(path: String, role: ServerConfiguration.Role) throws {
        self.path = path
        try Self.make(path)
        try Self.make(path + "/keys")
        try Self.closeToOthers(path)
        var taken: [Int32] = []
        do {
            if role.isControl { taken.append(try Self.lock(path, plane: "control")) }
            if role.isInference { taken.append(try Self.lock(path, plane: "inference")) }
        } catch {
            for lock in taken { close(lock) }
            throw error
        }
        locks = taken
        if role.isControl { removeCopies() }
    }

    /// - Throws: `invalidArgument` naming the setting, if there can be no such folder.
    static func make(_ folder: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            let reason = String(cString: strerror(systemCode(of: error)))
            throw MartletError(
                .invalidArgument,
                "The data directory \(folder) cannot be made: \(reason). Give another --data-dir.",
                field: "data-dir", cause: error)
        }
    }

    /// Copies of the databases that a backup left behind when its server was killed: this server is alone here now.
    private func removeCopies() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for name in names where name.hasPrefix(BackupPlan.copiesPrefix) {
            // What cannot be removed costs disk space and is left out of the next backup.
            try? FileManager.default.removeItem(atPath: path + "/" + name)
        }
    }

    /// Foundation hides the system's own number one level down, or says it by a code of its own.
    private static func systemCode(of error: any Error) -> Int32 {
        let outer = error as NSError
        let inner = outer.userInfo[NSUnderlyingErrorKey] as? NSError
        if let inner, inner.domain == NSPOSIXErrorDomain { return Int32(inner.code) }
        return outer.code == CocoaError.Code.fileWriteFileExists.rawValue ? ENOTDIR : EACCES
    }

    /// A folder that was there before may let others in, who would read the databases.
    private static func closeToOthers(_ path: String) throws {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        guard let mode = attributes[.posixPermissions] as? Int, mode & 0o077 != 0 else { return }
        if chmod(path, mode_t(mode & 0o700)) == 0 { return }
        // A mounted volume belongs to somebody else and may let the server in by its group; the rest of the world it may not.
        guard mode & 0o007 == 0 else {
            throw MartletError.precondition(
                "Others may enter \(path), which holds keys and data. Run: chmod o-rwx \(path)")
        }
    }

    private static func lock(_ path: String, plane: String) throws -> Int32 {
        let file = path + "/\(plane).lock"
        let lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            throw MartletError(.unavailable, "\(file) cannot be opened: \(String(cString: strerror(errno))).")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let holder = FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) } ?? ""
            close(lock)
            throw MartletError.precondition(
                "Another server uses \(path) for \(plane): \(holder.isEmpty ? "it has not said where it listens yet" : holder). Stop it, or give another --data-dir."
            )
        }
        return lock
    }

    /// Writes into the lock files where this server listens, for clients on this machine and for a second server's refusal.
    func announce(url: String) {
        let text = "{\"pid\":\(getpid()),\"url\":\"\(url)\"}"
        for lock in locks {
            ftruncate(lock, 0)
            // A lock without its text still locks; only the refusal of a second server is less clear then.
            _ = text.withCString { pwrite(lock, $0, strlen($0), 0) }
        }
    }

    deinit { for lock in locks { close(lock) } }
}
