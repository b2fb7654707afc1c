internal import Domain

/// Comparisons joined by AND, by recursive descent over the tokens.
struct SearchFilterParser {
    /// More comparisons than this would make a statement that databases refuse.
    static let comparisonsMax = 100

    private let tokens: [SearchTokenizer.Token]
    private let grammar: SearchGrammar
    private var position = 0
    private var listItems = 0

    init(tokens: [SearchTokenizer.Token], grammar: SearchGrammar) {
        self.tokens = tokens
        self.grammar = grammar
    }

    mutating func filter() throws(MartletError) -> SearchFilter {
        var comparisons = [try comparison()]
        while position < tokens.count {
            guard takeWord("AND") else { throw unexpected() }
            guard comparisons.count < Self.comparisonsMax else {
                throw .invalid("A filter may have \(Self.comparisonsMax) comparisons.", field: "filter")
            }
            comparisons.append(try comparison())
        }
        return SearchFilter(comparisons)
    }

    private mutating func comparison() throws(MartletError) -> SearchFilter.Comparison {
        let identifier: String
        switch next() {
        case .word(let word): identifier = word + trailingWords()
        // A key may be quoted as a whole: "name" = 'x'.
        case .string(let text): identifier = text
        default: throw unexpected()
        }
        let (entity, key) = try grammar.resolve(identifier, in: "filter string")
        let operation = try self.operation()
        let value = try self.value(operation, entity: entity, key: key)
        return SearchFilter.Comparison(entity: entity, key: key, operation: operation, value: value)
    }

    /// `run name = 'x'`: the one attribute of two words.
    private mutating func trailingWords() -> String {
        guard case .word(let word)? = peek(), word.lowercased() == "name", position > 0,
            case .word(let first) = tokens[position - 1], first.lowercased().hasSuffix("run")
        else { return "" }
        position += 1
        return " " + word
    }

    private mutating func operation() throws(MartletError) -> SearchFilter.Operation {
        switch next() {
        case .symbol(let symbol):
            if let operation = SearchFilter.Operation(rawValue: symbol) { return operation }
        case .word(let word):
            switch word.uppercased() {
            case "LIKE": return .like
            case "ILIKE": return .ilike
            case "IN": return .isIn
            case "NOT": if takeWord("IN") { return .notIn }
            case "IS":
                if takeWord("NULL") { return .isNull }
                if takeWord("NOT"), takeWord("NULL") { return .isNotNull }
            default: break
            }
        default: break
        }
        throw unexpected()
    }

    private mutating func value(
        _ operation: SearchFilter.Operation, entity: SearchFilter.Entity, key: String
    ) throws(MartletError) -> SearchFilter.Value {
        let isNumeric = entity == .metric || (entity == .attribute && grammar.attributes[key] == .number)
        switch operation {
        case .isNull, .isNotNull:
            guard entity == .tag || entity == .param else {
                throw .invalid("IS NULL / IS NOT NULL is only supported for tags and params.")
            }
            return .none
        case .isIn, .notIn:
            guard entity == .dataset || (entity == .attribute && grammar.listAttributes.contains(key)) else {
                throw .invalid(
                    "Only the attributes \(grammar.listAttributes.sorted()) support comparison with a list; '\(key)' does not."
                )
            }
            return .list(try list())
        case .greater, .greaterOrEqual, .less, .lessOrEqual:
            guard isNumeric else {
                throw .invalid("Invalid comparator '\(operation.rawValue)' for '\(key)'. Use =, !=, LIKE or ILIKE.")
            }
        case .like, .ilike:
            guard !isNumeric else {
                throw .invalid("Invalid comparator '\(operation.rawValue)' for '\(key)', which is a number.")
            }
        case .equal, .notEqual: break
        }
        if isNumeric { return .number(try number(key)) }
        let text = try string(key)
        if operation == .like || operation == .ilike { try checkPattern(text) }
        return .string(text)
    }

    private func checkPattern(_ pattern: String) throws(MartletError) {
        let wildcards = pattern.utf8.count { $0 == UInt8(ascii: "%") }
        guard pattern.utf8.count <= TrackingLimits.likePatternBytesMax, wildcards <= TrackingLimits.likeWildcardsMax
        else {
            throw .invalid(
                "A LIKE pattern may have \(TrackingLimits.likePatternBytesMax) bytes and \(TrackingLimits.likeWildcardsMax) '%'. Got \(pattern.utf8.count) and \(wildcards).",
                field: "filter")
        }
    }

    private mutating func number(_ key: String) throws(MartletError) -> Double {
        guard case .word(let word)? = peek(), let number = Double(word) else {
            throw .invalid("Expected a numeric value for '\(key)'.")
        }
        position += 1
        return number
    }

    private mutating func string(_ key: String) throws(MartletError) -> String {
        guard case .string(let text)? = peek() else {
            throw .invalid("Expected a quoted string value for '\(key)'.")
        }
        position += 1
        return text
    }

    private mutating func list() throws(MartletError) -> [String] {
        guard next() == .symbol("(") else { throw unexpected() }
        var items: [String] = []
        while true {
            guard case .string(let text) = next() else {
                throw .invalid("While parsing a list in the query, expected quoted strings between parentheses.")
            }
            items.append(text)
            listItems += 1
            guard listItems <= TrackingLimits.filterListItemsMax else {
                throw .invalid(
                    "The lists of a filter may have \(TrackingLimits.filterListItemsMax) members together.",
                    field: "filter")
            }
            switch next() {
            case .symbol(","): continue
            case .symbol(")"): return items
            default: throw unexpected()
            }
        }
    }

    private func peek() -> SearchTokenizer.Token? { position < tokens.count ? tokens[position] : nil }

    private mutating func next() -> SearchTokenizer.Token? {
        defer { position += 1 }
        return peek()
    }

    private mutating func takeWord(_ word: String) -> Bool {
        guard case .word(let found)? = peek(), found.uppercased() == word else { return false }
        position += 1
        return true
    }

    private func unexpected() -> MartletError {
        .invalid(
            "Invalid clause(s) in filter string near part \(min(position, tokens.count)). Write comparisons as `key OP value`, joined by AND."
        )
    }
}
