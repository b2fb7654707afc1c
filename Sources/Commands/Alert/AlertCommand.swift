internal import ArgumentParser

/// `martlet alert`.
struct AlertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alert", abstract: "Alerts of the monitors.", subcommands: [AlertList.self])
}
