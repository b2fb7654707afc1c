internal import Crypto
internal import Domain
internal import Foundation
internal import Inference
internal import Synchronization

/// The versions in memory, by the digest of their file: two versions of the same file share one.
final class ModelTable: Sendable {
    private let runtime: any Runtime
    private let python: any Runtime
    private let models = Mutex<[String: any ExecutableModel]>([:])

    init(runtime: any Runtime, python: any Runtime) {
        self.runtime = runtime
        self.python = python
    }

    /// The version's model, read and checked if it is not there yet.
    ///
    /// - Throws: `failedPrecondition` if the file is missing, is not the one that was registered, or cannot be loaded.
    func load(_ version: ServableVersion) throws(MartletError) -> LoadedModel {
        let runtime = version.runtime == .python ? python : runtime
        if let model = models.withLock({ $0[version.digest] }) {
            return LoadedModel(version: version, model: model, runtime: runtime.identity)
        }
        let digest = try Self.digest(ofAll: version.path)
        // Versions that were prepared before their weights counted are known by the model's file alone.
        var isKnown = digest == version.digest
        if !isKnown { isKnown = try Self.digest(version.path) == version.digest }
        guard isKnown else {
            throw MartletError.precondition(
                "The file of \(version.id) has the digest \(digest), not \(version.digest) that was registered.")
        }
        let model = try runtime.load(path: version.path)
        models.withLock { $0[version.digest] = model }
        return LoadedModel(version: version, model: model, runtime: runtime.identity)
    }

    /// Forgets all models but those. A run in progress keeps its model until it ends.
    func keep(only digests: Set<String>) {
        models.withLock { $0 = $0.filter { digests.contains($0.key) } }
    }

    /// Of a model's file, and of all that lies beside it where that is something.
    static func digest(ofAll path: String) throws(MartletError) -> String {
        let others = ModelFiles.others(beside: path)
        guard !others.isEmpty, let slash = path.lastIndex(of: "/") else { return try digest(path) }
        var files = [(name: String(path[path.index(after: slash)...]), digest: try digest(path))]
        for name in others { files.append((name, try digest("\(path[..<slash])/\(name)"))) }
        return SHA256.hash(data: Array(ModelFileList.text(files).utf8)).map {
            ($0 < 16 ? "0" : "") + String($0, radix: 16)
        }
        .joined()
    }

    /// SHA-256 of a file, lower-case hex.
    ///
    /// - Throws: `failedPrecondition` if it cannot be read.
    static func digest(_ path: String) throws(MartletError) -> String {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw MartletError.precondition("The model file \(path) cannot be opened.")
        }
        var hash = SHA256()
        do {
            while let chunk = try file.read(upToCount: 1 << 20), !chunk.isEmpty { hash.update(data: chunk) }
            try file.close()
        } catch {
            throw MartletError(.failedPrecondition, "The model file \(path) cannot be read.", cause: error)
        }
        return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
