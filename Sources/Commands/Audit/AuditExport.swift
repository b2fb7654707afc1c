internal import ArgumentParser
internal import Domain
internal import Foundation
internal import NIOFoundationCompat
internal import NIOHTTP1

/// `martlet audit export FILE`
struct AuditExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the whole chain with its signed checkpoints to a file.")

    @OptionGroup var client: ClientOptions
    @Argument(help: "The file to write; it must not exist.") var file: String

    func run() async throws {
        guard FileManager.default.createFile(atPath: file, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: file)
        else { throw MartletError.invalid("\(file) cannot be written.") }
        let bytes = try await client.withClient { client in
            try await client.download(.GET, ["audit", "export"]) { try handle.write(contentsOf: Data(buffer: $0)) }
        }
        try handle.synchronize()
        try handle.close()
        print("Wrote \(bytes) bytes to \(file). Check it with: martlet audit verify \(file)")
    }
}
