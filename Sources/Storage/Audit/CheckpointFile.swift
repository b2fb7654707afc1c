public import Domain
internal import Foundation

/// Checkpoints kept outside the database, a line of JSON each: who cuts the end of the chain in the database, checkpoints
/// and all, is found out by them. Copy the file to another machine for more.
public struct CheckpointFile: Sendable {
    public let path: String

    public init(path: String) {
        self.path = path
    }

    /// All checkpoints of the file; none if there is no file.
    ///
    /// - Throws: `failedPrecondition` if a line cannot be read.
    public func read() throws -> [AuditCheckpoint] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        return try String(decoding: data, as: UTF8.self).split(separator: "\n").map { line in
            do {
                return try JSONDecoder().decode(AuditCheckpoint.self, from: Data(line.utf8))
            } catch {
                throw MartletError(.failedPrecondition, "\(path) has a line that is no checkpoint.", cause: error)
            }
        }
    }

    /// Adds one, durably.
    ///
    /// - Throws: `unavailable` if it cannot be written.
    public func append(_ checkpoint: AuditCheckpoint) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = try encoder.encode(checkpoint) + Data("\n".utf8)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw MartletError(.unavailable, "\(path) cannot be opened: \(String(cString: strerror(errno))).")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: line)
            try handle.synchronize()
        } catch {
            throw MartletError(.unavailable, "\(path) cannot be written.", cause: error)
        }
    }
}
