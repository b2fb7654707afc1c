internal import ArgumentParser
internal import Domain

/// `martlet model`.
struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Registered models, their versions, and whether these can be served.",
        subcommands: [
            ModelList.self, ModelShow.self, ModelHistory.self, ModelSign.self, ModelVerify.self, ModelBOMCommand.self,
        ])
}
