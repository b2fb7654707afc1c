internal import ArgumentParser

/// `martlet config`
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "The server's settings.", subcommands: [ConfigCheck.self])
}
