internal import ArgumentParser
internal import Domain
internal import Foundation
internal import Server

/// `martlet config check`
struct ConfigCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Show every setting, its value and where that comes from.",
        discussion: "Takes the flags of `martlet serve`. Exits with 2 if the server would not start with this.")

    @OptionGroup var options: ServeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let loaded = await options.load()
        let rows = loaded.entries.map { entry -> JSONValue in
            [
                "name": .string(entry.setting.name), "value": .string(entry.text),
                "source": .string(entry.source.rawValue),
                "variable": .string(entry.setting.variable), "summary": .string(entry.setting.summary),
            ]
        }
        try output.show(
            list: rows,
            columns: [
                Column("SETTING", "name"), Column("VALUE", "value"), Column("SOURCE", "source"),
                Column("MEANING", "summary"),
            ], whenEmpty: "")
        if output.output == .table { print("\nFile: \(loaded.file ?? "none")") }
        guard !loaded.problems.isEmpty else { return }
        let lines = loaded.problems.map { "martlet: \($0.message)\n" }.joined()
        FileHandle.standardError.write(Data(lines.utf8))
        throw CommandExit.answeredNo
    }
}
