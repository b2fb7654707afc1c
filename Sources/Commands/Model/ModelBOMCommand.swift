internal import ArgumentParser
internal import Domain

/// `martlet model bom MODEL VERSION`.
struct ModelBOMCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bom", abstract: "Print a version's bill of materials (CycloneDX 1.6, JSON).",
        discussion:
            "The model with its files, card, data sets and libraries, from what was logged and the policy in force.")

    @OptionGroup var client: ClientOptions

    @Argument(help: "The registered model's name.") var model: String
    @Argument(help: "The version's number.") var version: Int

    func run() async throws {
        let value = try await client.withClient {
            try await $0.get(["models", model, "versions", "\(version)", "bom"])
        }
        print(try OutputOptions.json(value))
    }
}
