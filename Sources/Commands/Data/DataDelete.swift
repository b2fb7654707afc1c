internal import ArgumentParser
internal import Domain
internal import NIOHTTP1

/// `martlet data delete NAME [VERSION]`.
struct DataDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Forget a version of a data set, or all of them (--all).",
        discussion: "A version that a run used stays: where a model came from must stay known.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The data set's name.") var name: String
    @Argument(help: "Its number, or the beginning of its digest.") var version: String?
    @Flag(help: "Every version.") var all = false

    func validate() throws {
        if (version != nil) == all { throw ValidationError("Give a VERSION, or --all.") }
    }

    func run() async throws {
        let path = ["datasets", name] + (version.map { ["versions", $0] } ?? [])
        let value = try await client.withClient { try await $0.send(.DELETE, path) }
        try output.show(value, text: "Deleted of \(name): version \(Column.plain(value["numbers"])).")
    }
}
