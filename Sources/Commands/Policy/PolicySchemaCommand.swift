internal import ArgumentParser
internal import Wire

/// `martlet policy schema`
struct PolicySchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the JSON Schema of martlet.yaml, for editors.")

    func run() throws {
        print(try OutputOptions.json(PolicySchema.document))
    }
}
