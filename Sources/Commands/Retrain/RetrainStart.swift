internal import ArgumentParser
internal import Domain

/// `martlet retrain start MODEL`.
struct RetrainStart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Start the policy's retraining command now.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The registered model's name.") var model: String
    @Option(help: "Why; kept with the run.") var reason: String = ""

    func run() async throws {
        let value = try await client.withClient {
            try await $0.post(["retraining"], ["model": .string(model), "reason": .string(reason)])
        }
        try output.show(value, fields: RetrainCommand.fields)
    }
}
