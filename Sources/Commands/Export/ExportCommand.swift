internal import ArgumentParser

/// `martlet export`.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Give what this server holds to another one.",
        subcommands: [ExportMLflow.self])
}
