internal import Domain
internal import Foundation

/// The last snapshot on local disk, so that a restart without the database serves on.
struct SnapshotFile: Sendable {
    let path: String

    /// nil where there is none or it cannot be read: then the database's is waited for.
    func read() -> EndpointSnapshot? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return try? JSONDecoder().decode(EndpointSnapshot.self, from: data)
    }

    /// Replaces the file as a whole.
    func write(_ snapshot: EndpointSnapshot) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try encoder.encode(snapshot).write(to: URL(filePath: path), options: .atomic)
    }
}
