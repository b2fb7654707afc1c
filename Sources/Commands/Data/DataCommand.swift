internal import ArgumentParser

/// `martlet data`.
struct DataCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Data sets as versions: by their content, with schema, profile and differences.",
        subcommands: [DataAdd.self, DataList.self, DataShow.self, DataDiff.self, DataDelete.self])
}
