internal import ArgumentParser

/// `martlet policy`
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "The contract of a model, martlet.yaml.",
        subcommands: [
            PolicyCheck.self, PolicyApply.self, PolicyShow.self, PolicyList.self, PolicySchemaCommand.self,
        ])
}
