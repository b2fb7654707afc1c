internal import ArgumentParser
internal import Domain
internal import Foundation
internal import Storage

/// `martlet audit verify FILE`
struct AuditVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Recompute the chain, without a server.",
        discussion: """
            Takes an export, or with --data-dir the folder of a server on this machine, which is only read. Exits with 2 and
            names the first broken link if the chain is not whole. docs/audit.md has the form and how to verify it otherwise.
            """)

    @Argument(help: "A file that `martlet audit export` wrote.") var file: String?
    @Option(help: "The data directory of a server, in place of a file.") var dataDir: String?
    @Option(help: "The public key that must have signed it (keys/audit.pub of the server), base64.")
    var publicKey: String?
    @Option(help: "Checkpoints kept elsewhere (a copy of keys/audit.checkpoints): finds an end that was cut.")
    var checkpoints: String?

    func validate() throws {
        guard (file == nil) != (dataDir == nil) else { throw ValidationError("Give a FILE or --data-dir.") }
    }

    func run() async throws {
        switch try await verdict() {
        case .whole(let events, let checkpoints, let key, let signedAt):
            let until = signedAt.map { Column.time("", "at").text(["at": .int($0.milliseconds)]) } ?? "never"
            print("Whole: \(events) events, \(checkpoints) signed checkpoints, the last signed at \(until).")
            print("Signed with the public key \(key)")
            if publicKey == nil, dataDir == nil {
                print("Compare it with keys/audit.pub of the server, or give it as --public-key.")
            }
        case .broken(let sequence, let reason):
            print("Broken at event \(sequence): \(reason).")
            throw CommandExit.answeredNo
        }
    }

    private func verdict() async throws -> AuditVerifier.Verdict {
        if let dataDir { return try await AuditVerifier.verify(dataDirectory: dataDir) }
        guard let file, let data = FileManager.default.contents(atPath: file) else {
            throw MartletError.notFound("\(file ?? "") cannot be read.")
        }
        let kept = try checkpoints.map { try CheckpointFile(path: $0).read() } ?? []
        return try AuditVerifier.verify(
            String(decoding: data, as: UTF8.self).split(separator: "\n"), publicKey: publicKey, kept: kept)
    }
}
