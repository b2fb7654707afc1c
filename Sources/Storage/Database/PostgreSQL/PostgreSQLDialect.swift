/// What PostgreSQL writes otherwise than SQLite.
enum PostgreSQLDialect {
    /// A migration's text: TEXT compares byte by byte, as in SQLite, BLOB is BYTEA, and tables that SQLite is to keep in the order of
    /// their keys are tables like any other.
    static func schema(_ sql: String) -> String {
        var words = Words(sql.replacing(" WITHOUT ROWID", with: ""))
        var result = ""
        var previous = ""
        while let (word, isCode) = words.next() {
            switch isCode ? word.uppercased() : "" {
            // A cast takes no collation.
            case "TEXT" where previous != "AS": result += "TEXT COLLATE \"C\""
            case "BLOB": result += "BYTEA"
            default: result += word
            }
            if isCode, !word.allSatisfy(\.isWhitespace) { previous = word.uppercased() }
        }
        return result
    }

    /// Conditions by EXISTS up to which the planner looks for the best order of joins, for which it turns each into one. Planning
    /// grows with the cube of their number: 98 of them and 30 joins took it 12 seconds, and 0.4 as conditions.
    static let joinedConditionsMax = 12

    /// A statement's text: LIKE has no escape character, as in SQLite, its pattern being a parameter, or `lower` of one; and many
    /// conditions by EXISTS are not made joins.
    static func statement(_ sql: String) -> String {
        var sql = sql
        if sql.ranges(of: "EXISTS (").count > joinedConditionsMax {
            sql = sql.replacing("EXISTS (", with: "TRUE = EXISTS (")
        }
        guard sql.contains("LIKE ") else { return sql }
        return sql.replacing(#/LIKE (\$[0-9]+|lower\(\$[0-9]+\))(?! ESCAPE)/#) { "LIKE \($0.1) ESCAPE ''" }
    }

    /// Splits into words, what is between them, and quoted text.
    private struct Words {
        private var rest: Substring

        init(_ sql: String) { rest = sql[...] }

        mutating func next() -> (String, isCode: Bool)? {
            guard let first = rest.first else { return nil }
            let end: Substring.Index
            if first == "'" || first == "\"" {
                end = rest.dropFirst().firstIndex(of: first).map { rest.index(after: $0) } ?? rest.endIndex
            } else if rest.hasPrefix("--") {
                end = rest.firstIndex(of: "\n") ?? rest.endIndex
            } else if Self.isLetter(first) {
                end = rest.firstIndex { !Self.isLetter($0) } ?? rest.endIndex
            } else {
                end = rest.index(after: rest.startIndex)
            }
            defer { rest = rest[end...] }
            return (String(rest[..<end]), first != "'" && first != "\"" && !rest.hasPrefix("--"))
        }

        private static func isLetter(_ character: Character) -> Bool {
            character.isLetter || character == "_" || character.isNumber
        }
    }
}
