internal import ArgumentParser
internal import Domain
internal import Foundation
internal import Wire

/// `martlet policy check FILE`: needs no server.
struct PolicyCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say every problem of a policy file, with its line; needs no server.",
        discussion: "Exits 0 if the file is good, 2 if it has problems, and 1 if it cannot be read.")

    @Argument(help: "The policy, for example martlet.yaml.") var file: String

    func run() throws {
        let document = try PolicyFile(path: file)
        switch PolicyDocument.parse(document.text) {
        case .success(let policy):
            print("\(file): good. It governs \(policy.model).")
        case .failure(let refusal):
            print(document.lines(refusal))
            throw CommandExit.answeredNo
        }
    }
}
