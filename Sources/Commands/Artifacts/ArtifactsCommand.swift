internal import ArgumentParser

/// `martlet artifacts`.
struct ArtifactsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifacts", abstract: "What lies in the artifact store.", subcommands: [ArtifactsVerify.self])
}
