internal import ArgumentParser
internal import Domain

/// `martlet endpoint`.
struct EndpointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "endpoint", abstract: "What clients call, and which versions answer.",
        subcommands: [EndpointList.self, EndpointShow.self])

    /// `3 champion 90 %, 4 candidate 10 %`.
    static func variants(_ endpoint: JSONValue) -> String {
        let words = (endpoint["variants"]?.arrayValue ?? []).map { variant in
            let share = variant["weight_basis_points"]?.doubleValue.map { " \(Column.plain(.double($0 / 100))) %" }
            let role = variant["role"]?.stringValue ?? "-"
            return "\(Column.plain(variant["version"])) \(role)\(role == "shadow" ? "" : share ?? "")"
        }
        return words.isEmpty ? "-" : words.joined(separator: ", ")
    }
}
