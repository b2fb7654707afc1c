internal import ArgumentParser
internal import Domain

/// `martlet rollout start MODEL VERSION`.
struct RolloutStart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Start the rollout of an approved version by the policy's plan.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The registered model's name.")
    var model: String

    @Argument(help: "The version's number.")
    var version: Int

    func run() async throws {
        let value = try await client.withClient {
            try await $0.post(["rollouts"], ["model": .string(model), "version": .int(Int64(version))])
        }
        try output.show(value, fields: RolloutCommand.fields)
    }
}
