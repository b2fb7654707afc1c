public import ArgumentParser

/// The root of the command tree.
public struct MartletCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "Takes a machine-learning model from pilot to production and keeps it there.",
        subcommands: [Serve.self])

    public init() {}
}
