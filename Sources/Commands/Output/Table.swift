internal import Domain

/// Rows and columns as text: every column as wide as its widest cell, two spaces between.
struct Table {
    /// Longer cells are cut; JSON output has the whole.
    static let cellCharactersMax = 120

    let text: String
    let isEmpty: Bool

    init(_ rows: [JSONValue], columns: [Column]) {
        let cells = rows.map { row in columns.map { Self.clean($0.text(row)) } }
        let widths = columns.indices.map { index in
            cells.reduce(columns[index].title.count) { max($0, $1[index].count) }
        }
        func line(_ cells: [String]) -> String {
            let padded = cells.indices.map { index in
                let gap = String(repeating: " ", count: widths[index] - cells[index].count)
                return columns[index].isRightAligned ? gap + cells[index] : cells[index] + gap
            }
            let joined = padded.joined(separator: "  ")
            return String(joined.reversed().drop { $0 == " " }.reversed())
        }
        isEmpty = rows.isEmpty
        text = ([line(columns.map(\.title))] + cells.map(line)).joined(separator: "\n")
    }

    /// A line a field, the values under one another.
    static func fields(_ value: JSONValue, _ fields: [Column]) -> String {
        let width = fields.map(\.title.count).max() ?? 0
        return fields.map { field in
            let gap = String(repeating: " ", count: width - field.title.count)
            return "\(field.title)\(gap)  \(clean(field.text(value)))"
        }.joined(separator: "\n")
    }

    /// Control characters could move the cursor or colour what follows: they show as a replacement character.
    static func clean(_ text: String) -> String {
        var cleaned = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(cellCharactersMax * 4) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: cleaned.append("\u{FFFD}")
            default: cleaned.append(scalar)
            }
        }
        let result = String(cleaned)
        return result.count > cellCharactersMax ? result.prefix(cellCharactersMax - 1) + "…" : result
    }
}
