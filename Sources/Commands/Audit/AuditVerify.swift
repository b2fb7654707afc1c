internal import ArgumentParser
internal import Domain
internal import Foundation
internal import Storage

/// `martlet audit verify FILE`
struct AuditVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Recompute an exported chain, without a server.",
        discussion: "Exits with 2 and names the first broken link if the chain is not whole.")

    @Argument(help: "A file that `martlet audit export` wrote.") var file: String
    @Option(help: "The public key that must have signed it (keys/audit.pub of the server), base64.") var publicKey:
        String?

    func run() throws {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw MartletError.notFound("\(file) cannot be read.")
        }
        let text = String(decoding: data, as: UTF8.self)
        switch try AuditVerifier.verify(text.split(separator: "\n"), publicKey: publicKey) {
        case .whole(let events, let checkpoints):
            print("Whole: \(events) events, \(checkpoints) signed checkpoints.")
        case .broken(let sequence, let reason):
            print("Broken at event \(sequence): \(reason).")
            throw CommandExit.answeredNo
        }
    }
}
