internal import ArgumentParser

/// `martlet import`.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take over what another server holds.", subcommands: [ImportMLflow.self])
}
