internal import ArgumentParser
internal import Domain

/// `martlet retrain show ID`.
struct RetrainShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a retraining run with the end of its output.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The run's number.") var id: Int64

    func run() async throws {
        let value = try await client.withClient { try await $0.get(["retraining", "\(id)"]) }
        let lines = (value["log_tail"]?.stringValue ?? "").split(separator: "\n", omittingEmptySubsequences: false)
        let text =
            Table.fields(value, RetrainCommand.fields) + "\n\n"
            + lines.map { Table.clean(String($0)) }.joined(separator: "\n")
        try output.show(value, text: text)
    }
}
