internal import Domain
internal import Foundation

/// The server and key that `martlet login` keeps in `$XDG_CONFIG_HOME/martlet/credentials` (mode 0600).
struct StoredCredentials: Codable, Equatable {
    var url: String
    var key: String

    static func path(environment: [String: String]) -> String {
        let base = environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        return (base ?? (environment["HOME"] ?? "/root") + "/.config") + "/martlet/credentials"
    }

    /// - Returns: nil if nothing is stored.
    /// - Throws: `failedPrecondition` if the file cannot be read, or other users can read it.
    static func load(environment: [String: String]) throws -> StoredCredentials? {
        let path = path(environment: environment)
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        guard status.st_mode & 0o077 == 0 else {
            throw MartletError.precondition("Others can read \(path), which holds a key. Run: chmod 600 \(path)")
        }
        guard let bytes = FileManager.default.contents(atPath: path),
            let stored = try? JSONDecoder().decode(StoredCredentials.self, from: bytes)
        else {
            throw MartletError.precondition("\(path) cannot be read. Run `martlet login` again, or remove the file.")
        }
        return stored
    }

    /// Writes beside and renames, so that an interrupted login leaves the old credentials whole.
    func save(environment: [String: String]) throws {
        let path = Self.path(environment: environment)
        let folder = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let temporary = "\(path).\(getpid())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw MartletError(.failedPrecondition, "\(temporary) cannot be made: \(String(cString: strerror(errno))).")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try handle.write(contentsOf: encoder.encode(self))
        try handle.synchronize()
        guard rename(temporary, path) == 0 else {
            throw MartletError(.failedPrecondition, "\(path) cannot be written: \(String(cString: strerror(errno))).")
        }
    }
}
