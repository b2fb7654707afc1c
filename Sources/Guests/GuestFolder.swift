internal import Domain
internal import FoundationEssentials
internal import Glibc

/// A guest's private working folder: made empty, filled with its inputs, read for its outputs, and removed.
///
/// What a guest leaves behind is hostile: names may be links, pipes or of any size.
struct GuestFolder {
    let path: String
    private let root: String
    /// An open descriptor of `root`, whose lock tells other processes that the folder is in use.
    private let lock: Int32

    static let prefix = "martlet-guest-"
    /// Between a folder's making and its lock there is a moment; a folder without a lock that is older was left behind.
    private static let abandonedSeconds = 10

    /// - Throws: `internal` if it cannot be made.
    init(in parent: String, ownedBy userID: UInt32?, inputs: [GuestCommand.Input]) throws {
        var template = Array("\(parent)/\(Self.prefix)XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw MartletError(.internal, "A guest's working folder cannot be made in \(parent): error \(errno).")
        }
        root = template.withUnsafeBufferPointer {
            String(decoding: $0.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        path = root + "/work"
        lock = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if lock >= 0 { flock(lock, LOCK_EX | LOCK_NB) }
        do {
            guard chmod(root, 0o711) == 0 else { throw Self.failure("chmod", root) }
            guard mkdir(path, 0o700) == 0 else { throw Self.failure("mkdir", path) }
            for input in inputs { try put(input) }
            if let userID { try giveAll(to: userID) }
        } catch {
            remove()
            throw error
        }
    }

    /// The bytes of one plain file; nil if it is not there, no plain file or larger than `bytesMax`.
    func read(_ output: GuestCommand.Output) -> [UInt8]? {
        guard !output.name.isEmpty, !output.name.contains("/"), output.name != "..", output.name != "." else {
            return nil
        }
        let descriptor = open(path + "/" + output.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= output.bytesMax
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
            }
            guard count > 0 else { return nil }
            filled += count
        }
        return bytes
    }

    /// Removes the folder with all that is in it; links are not followed.
    func remove() {
        // A leftover in the temporary folder harms nothing and must not hide the guest's own result.
        try? FileManager.default.removeItem(atPath: root)
        if lock >= 0 { close(lock) }
    }

    /// Removes the folders that servers of this user have left in `parent` when they were killed.
    static func removeAbandoned(in parent: String) {
        // Without them there is more room; with them nothing is wrong.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(prefix) {
            let descriptor = open(parent + "/" + name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_uid == geteuid(),
                time(nil) - status.st_mtim.tv_sec > abandonedSeconds, flock(descriptor, LOCK_EX | LOCK_NB) == 0
            else { continue }
            try? FileManager.default.removeItem(atPath: parent + "/" + name)
        }
    }

    private func put(_ input: GuestCommand.Input) throws {
        let parts = input.path.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.isEmpty, parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
            throw MartletError.invalid("“\(input.path)” is not a path inside a guest's folder.")
        }
        let target = path + "/" + input.path
        try FileManager.default.createDirectory(
            atPath: path + "/" + parts.dropLast().joined(separator: "/"), withIntermediateDirectories: true)
        switch input.content {
        case .bytes(let bytes): try Data(bytes).write(to: URL(filePath: target))
        case .file(let source): try FileManager.default.copyItem(atPath: source, toPath: target)
        }
    }

    private func giveAll(to userID: UInt32) throws {
        guard chown(path, userID, userID) == 0 else { throw Self.failure("chown", path) }
        for entry in try FileManager.default.subpathsOfDirectory(atPath: path) {
            guard lchown(path + "/" + entry, userID, userID) == 0 else {
                throw Self.failure("chown", path + "/" + entry)
            }
        }
    }

    private static func failure(_ call: String, _ path: String) -> MartletError {
        MartletError(.internal, "A guest's working folder cannot be made: \(call) \(path) gave error \(errno).")
    }
}
