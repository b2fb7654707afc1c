internal import Domain

/// Cuts a filter into words, quoted strings, operators and punctuation.
enum SearchTokenizer {
    enum Token: Equatable {
        /// A bare word, with back-ticked or quoted parts kept as they stand: `tags.`my tag``.
        case word(String)
        /// A quoted string that stands alone, without its quotes.
        case string(String)
        case symbol(String)

        /// As it stood in the filter, cut for a message.
        var text: String {
            switch self {
            case .word(let text), .symbol(let text): String(text.prefix(100))
            case .string(let text): "'\(text.prefix(100))'"
            }
        }
    }

    /// Longer filters are nobody's.
    static let charactersMax = 65_536

    static func tokens(_ text: String) throws(MartletError) -> [Token] {
        guard text.utf8.count <= charactersMax else {
            throw .invalid("The filter is longer than \(charactersMax) bytes.")
        }
        let characters = Array(text)
        var tokens: [Token] = []
        var index = 0
        while index < characters.count {
            let character = characters[index]
            if character.isWhitespace {
                index += 1
            } else if "=<>!".contains(character) {
                let pair = index + 1 < characters.count ? String(characters[index...index + 1]) : ""
                let symbol = ["!=", ">=", "<="].contains(pair) ? pair : String(character)
                guard symbol != "!" else { throw .invalid("Invalid clause(s) in filter string: a lone '!'.") }
                tokens.append(.symbol(symbol))
                index += symbol.count
            } else if "(),".contains(character) {
                tokens.append(.symbol(String(character)))
                index += 1
            } else if character == "'" || character == "\"" {
                let (content, next) = try quoted(characters, from: index)
                tokens.append(.string(content))
                index = next
            } else {
                let (word, next) = try self.word(characters, from: index)
                tokens.append(.word(word))
                index = next
            }
        }
        return tokens
    }

    /// A doubled quote stands for one, as in SQL.
    private static func quoted(_ characters: [Character], from start: Int) throws(MartletError) -> (String, Int) {
        let quote = characters[start]
        var content = ""
        var index = start + 1
        while index < characters.count {
            if characters[index] != quote {
                content.append(characters[index])
                index += 1
            } else if index + 1 < characters.count, characters[index + 1] == quote {
                content.append(quote)
                index += 2
            } else {
                return (content, index + 1)
            }
        }
        throw .invalid("Invalid clause(s) in filter string: a quote without its end.", field: "filter")
    }

    private static func word(_ characters: [Character], from start: Int) throws(MartletError) -> (String, Int) {
        var index = start
        var word = ""
        while index < characters.count {
            let character = characters[index]
            if character == "`" || (character == "\"" && word.hasSuffix(".")) {
                let (content, next) = try quoted(characters, from: index)
                word += "\(character)\(content)\(character)"
                index = next
            } else if character.isWhitespace || "=<>!(),'\"".contains(character) {
                break
            } else {
                word.append(character)
                index += 1
            }
        }
        return (word, index)
    }
}
