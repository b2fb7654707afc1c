internal import ArgumentParser

/// `martlet principal`
struct PrincipalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "principal", abstract: "Who may act: people and services, with their roles.",
        subcommands: [PrincipalCreate.self, PrincipalList.self, PrincipalLimit.self, PrincipalRemove.self])
}
