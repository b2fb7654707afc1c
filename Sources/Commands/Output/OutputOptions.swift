internal import ArgumentParser
internal import Domain
internal import Foundation

/// How a command prints what it found. Shared by every command that shows values.
struct OutputOptions: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    @Option(name: .shortAndLong, help: "table for people, json for programs.")
    var output: Format = .table

    /// A list: a row an item, or the items as a JSON array just as the server gave them.
    func show(list items: [JSONValue], columns: [Column], whenEmpty: String) throws {
        switch output {
        case .json: print(try Self.json(.array(items)))
        case .table where items.isEmpty: print(whenEmpty)
        case .table: print(Table(items, columns: columns).text)
        }
    }

    /// One thing: a line a field, or the value as JSON.
    func show(_ value: JSONValue, fields: [Column]) throws {
        switch output {
        case .json: print(try Self.json(value))
        case .table: print(Table.fields(value, fields))
        }
    }

    /// Prints text for people, and the value for programs.
    func show(_ value: JSONValue, text: @autoclosure () -> String) throws {
        switch output {
        case .json: print(try Self.json(value))
        case .table: print(text())
        }
    }

    static func json(_ value: JSONValue) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
