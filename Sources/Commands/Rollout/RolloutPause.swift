internal import ArgumentParser
internal import Domain

/// `martlet rollout pause ID`.
struct RolloutPause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Hold a rollout where it is. Guardrails go on being judged.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The rollout's number.")
    var id: Int

    @Option(help: "Why. It is kept with the rollout and in the audit chain.")
    var reason: String?

    func run() async throws {
        let value = try await client.withClient {
            try await $0.post(["rollouts", "\(id)", "pause"], ["reason": reason.map { .string($0) } ?? .null])
        }
        try output.show(value, fields: RolloutCommand.fields)
    }
}
