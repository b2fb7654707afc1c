internal import ArgumentParser

/// `martlet key`
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "API keys: how principals prove themselves.",
        subcommands: [KeyCreate.self, KeyList.self, KeyRevoke.self])
}
