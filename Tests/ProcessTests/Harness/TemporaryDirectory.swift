import Foundation

/// A new, empty folder that goes away with this value.
final class TemporaryDirectory: Sendable {
    let url: URL
    var path: String { url.path }

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "martlet-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit {
        // Best effort: a file that cannot be removed from the temporary folder fails no test.
        try? FileManager.default.removeItem(at: url)
    }
}
