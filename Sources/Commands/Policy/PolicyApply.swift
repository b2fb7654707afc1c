internal import ArgumentParser
internal import Domain
internal import Foundation
internal import NIOCore
internal import NIOFoundationCompat
internal import NIOHTTP1
internal import Wire

/// `martlet policy apply FILE`.
struct PolicyApply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Put a policy in force; one that loosens another waits for approval.",
        discussion: "Exits 2 and names every problem, with its line, if the file is not a good policy.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The policy, for example martlet.yaml.") var file: String

    func run() async throws {
        let document = try PolicyFile(path: file)
        if case .failure(let refusal) = PolicyDocument.parse(document.text) {
            print(document.lines(refusal))
            throw CommandExit.answeredNo
        }
        let value = try await client.withClient { client in
            let body = try await client.sendBytes(
                .POST, ["policies"], body: ByteBuffer(string: document.text), contentType: "application/yaml")
            return try JSONDecoder().decode(JSONValue.self, from: Data(buffer: body))
        }
        try output.show(value, text: Self.text(value))
    }

    /// What came of it, and what to do next.
    private static func text(_ value: JSONValue) -> String {
        let model = Table.clean(Column.plain(value["model"]))
        let version = Column.plain(value["version"])
        guard value["state"] == "pending_approval" else {
            return "Version \(version) of the policy of \(model) is in force."
        }
        let loosens = (value["loosens"]?.arrayValue ?? []).map { "  - \(Table.clean(Column.plain($0)))" }
        return """
            Version \(version) of the policy of \(model) waits for approval, since it loosens the one in force:
            \(loosens.joined(separator: "\n"))
            Somebody else approves it: martlet approval list --model \(model)
            """
    }
}
