internal import ArgumentParser

/// `martlet monitor`.
struct MonitorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "monitor", abstract: "What live traffic looks like.", subcommands: [MonitorShow.self])
}
