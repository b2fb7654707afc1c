internal import Crypto
public import Domain
internal import Foundation

/// Keeps model files that the server made itself, or that must lie side by side, in one folder, by content.
///
/// Nothing in it is the only copy of anything: all can be made anew from the registered versions.
public struct ServableModelFolder: ServableModelKeeping {
    let root: String

    /// - Throws: `internal` if the folder cannot be made.
    public init(root: String) throws {
        self.root = root
        do {
            try FileManager.default.createDirectory(
                atPath: root, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw MartletError(.internal, "The folder \(root) cannot be made.", cause: error)
        }
    }

    public func keep(_ model: [UInt8]) async throws -> (path: String, digest: String) {
        let digest = Self.digest(model)
        let path = try await inFolder(digest) { folder in
            try Data(model).write(to: URL(filePath: folder + "/model.onnx"))
            return "model.onnx"
        }
        return (path, digest)
    }

    public func keep(
        files: [(name: String, localPath: String, digest: String)]
    ) async throws -> (path: String, digest: String) {
        guard let model = files.first, files.allSatisfy({ !$0.name.contains("/") && $0.name != ".." }) else {
            throw MartletError.invalid("Model files that lie together need plain names.")
        }
        let digest = Self.digest(Array(ModelFileList.text(files.map { ($0.name, $0.digest) }).utf8))
        let path = try await inFolder(digest) { folder in
            for file in files {
                try FileManager.default.copyItem(atPath: file.localPath, toPath: folder + "/" + file.name)
            }
            return model.name
        }
        return (path, digest)
    }

    public func keep(
        document: [UInt8], files: [(path: String, localPath: String)]
    ) async throws -> (path: String, digest: String) {
        let digest = Self.digest(document)
        let path = try await inFolder(digest) { folder in
            for file in files { try Self.lay(file.localPath, at: folder + "/model/" + file.path) }
            try Data(document).write(to: URL(filePath: folder + "/model.json"))
            return "model.json"
        }
        return (path, digest)
    }

    /// A link where the file system allows one, since neither stored files nor these are ever changed; else a copy.
    private static func lay(_ source: String, at target: String) throws {
        let parent = URL(filePath: target).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        do { try FileManager.default.linkItem(atPath: source, toPath: target) } catch {
            try FileManager.default.copyItem(atPath: source, toPath: target)
        }
    }

    private static func digest(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// Makes the folder of `digest` as a whole: filled beside, flushed, renamed into place.
    private func inFolder(_ digest: String, fill: (String) throws -> String) async throws -> String {
        let staging = root + "/new-" + UUID().uuidString
        let folder = root + "/" + digest
        do {
            try FileManager.default.createDirectory(atPath: staging, withIntermediateDirectories: false)
            let name = try fill(staging)
            for entry in try FileManager.default.subpathsOfDirectory(atPath: staging) {
                try flush(staging + "/" + entry)
            }
            if FileManager.default.fileExists(atPath: folder + "/" + name) {
                try FileManager.default.removeItem(atPath: staging)
            } else {
                if FileManager.default.fileExists(atPath: folder) { try FileManager.default.removeItem(atPath: folder) }
                try FileManager.default.moveItem(atPath: staging, toPath: folder)
            }
            return folder + "/" + name
        } catch {
            throw MartletError(.internal, "A model cannot be kept in \(root).", cause: error)
        }
    }

    private func flush(_ path: String) throws {
        // Opened for reading, folders can be flushed, too.
        let handle = try FileHandle(forReadingFrom: URL(filePath: path))
        try handle.synchronize()
        try handle.close()
    }
}
