internal import ArgumentParser
internal import Domain

/// `martlet alias`.
struct AliasCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alias", abstract: "Who may move which alias of a model.",
        discussion: """
            Without a rule every contributor moves an alias. A rule names the roles and principals who may; everybody else gets
            PERMISSION_DENIED, whatever client they use. The champion alias of a governed model is moved by its rollout alone.
            """,
        subcommands: [AliasProtect.self, AliasList.self, AliasUnprotect.self])
}
