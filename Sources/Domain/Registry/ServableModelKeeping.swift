/// The port through which model files that the server makes, or must lay side by side, are kept for the data plane.
public protocol ServableModelKeeping: Sendable {
    /// Keeps a model, by content, durably.
    ///
    /// - Returns: where it lies on this machine, and its SHA-256 in lower-case hex.
    func keep(_ model: [UInt8]) async throws -> (path: String, digest: String)
    /// Keeps a model together with the files that it names (external data), under their own names.
    ///
    /// - Parameter files: name in the common folder, path on this machine and SHA-256; the first is the model.
    /// - Returns: where the model lies on this machine, and the SHA-256 of `ModelFileList.text`, in lower-case hex.
    func keep(files: [(name: String, localPath: String, digest: String)]) async throws -> (path: String, digest: String)
    /// Keeps a document together with the folder `model` beside it, whose files it names.
    ///
    /// - Parameter files: path within that folder and path on this machine.
    /// - Returns: where the document lies on this machine, and its SHA-256 in lower-case hex.
    func keep(
        document: [UInt8], files: [(path: String, localPath: String)]
    ) async throws -> (path: String, digest: String)
}
