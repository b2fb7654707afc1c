internal import Domain

/// Comparisons joined by AND, and where the dialect has them OR and parentheses, by recursive descent over the tokens.
struct SearchFilterParser {
    /// More comparisons than this would make a statement that databases refuse.
    static let comparisonsMax = 100
    /// Parentheses within parentheses: more is nobody's, and the stack is not the client's to fill.
    static let depthMax = 16

    private let tokens: [SearchTokenizer.Token]
    private let grammar: SearchGrammar
    private let dialect: SearchGrammar.Dialect
    private var position = 0
    private var listItems = 0
    private var comparisons = 0
    private var depth = 0

    init(tokens: [SearchTokenizer.Token], grammar: SearchGrammar, dialect: SearchGrammar.Dialect) {
        self.tokens = tokens
        self.grammar = grammar
        self.dialect = dialect
    }

    mutating func filter() throws(MartletError) -> SearchFilter {
        let filter = try either()
        guard position == tokens.count else { throw unexpected() }
        return filter
    }

    /// `a OR b OR …`, where AND binds closer.
    private mutating func either() throws(MartletError) -> SearchFilter {
        var filters = [try all()]
        while dialect == .extended, takeWord("OR") { filters.append(try all()) }
        return filters.count == 1 ? filters[0] : SearchFilter(alternatives: [filters])
    }

    /// `a AND b AND …`
    private mutating func all() throws(MartletError) -> SearchFilter {
        var filter = try part()
        while takeWord("AND") {
            let next = try part()
            filter.comparisons += next.comparisons
            filter.alternatives += next.alternatives
        }
        return filter
    }

    private mutating func part() throws(MartletError) -> SearchFilter {
        guard dialect == .extended, peek() == .symbol("(") else { return SearchFilter([try comparison()]) }
        position += 1
        depth += 1
        guard depth <= Self.depthMax else {
            throw .invalid("A filter may have \(Self.depthMax) parentheses within one another.", field: "filter")
        }
        let filter = try either()
        guard next() == .symbol(")") else { throw unexpected(back: 1) }
        depth -= 1
        return filter
    }

    private mutating func comparison() throws(MartletError) -> SearchFilter.Comparison {
        comparisons += 1
        guard comparisons <= Self.comparisonsMax else {
            throw .invalid("A filter may have \(Self.comparisonsMax) comparisons.", field: "filter")
        }
        let identifier: String
        switch next() {
        case .word(let word): identifier = word + trailingWords()
        // A key may be quoted as a whole: "name" = 'x'.
        case .string(let text): identifier = text
        default: throw unexpected(back: 1)
        }
        // Words that stand alone are no comparison, nor is one with a truth value, whatever they name.
        guard position < tokens.count else { throw unexpected(back: 1) }
        if position + 1 < tokens.count, case .word(let word) = tokens[position + 1],
            ["TRUE", "FALSE"].contains(word.uppercased())
        {
            throw unexpected(back: 1)
        }
        let (entity, key) = try grammar.resolve(identifier, in: .filter)
        let operation = try self.operation(entity, key)
        let value = try self.value(operation, entity, key)
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

    private mutating func operation(
        _ entity: SearchFilter.Entity, _ key: String
    ) throws(MartletError) -> SearchFilter.Operation {
        guard let operation = operationWord() else { throw unexpected(back: 1) }
        let isNumber = grammar.isNumber(entity, key)
        let isLegal: Bool
        switch operation {
        case .equal, .notEqual: isLegal = true
        case .greater, .greaterOrEqual, .less, .lessOrEqual: isLegal = isNumber
        case .like, .ilike: isLegal = !isNumber
        case .isNull, .isNotNull:
            guard grammar.nullable.contains(entity) else {
                throw .invalid(
                    "IS NULL / IS NOT NULL is only supported for \(nullableText), not for '\(entity.rawValue)' '\(key)'",
                    field: "filter")
            }
            isLegal = true
        case .isIn, .notIn:
            isLegal = !isNumber
            if isLegal, !grammar.takesList(entity, key) {
                throw .invalid(
                    "Only \((grammar.listAttributes ?? []).sorted()) attributes support comparison with a list of quoted string values.",
                    field: "filter")
            }
        }
        guard isLegal else {
            let valid = isNumber ? ">, >=, !=, =, <, <=" : "!=, =, LIKE, ILIKE"
            throw .invalid(
                "\(grammar.words.comparator) '\(operation.rawValue)' for '\(key)', not one of '\(valid)'",
                field: "filter")
        }
        return operation
    }

    private var nullableText: String {
        switch grammar.nullable {
        case []: "no key of this search"
        case [.tag]: "tags"
        default: "tags and params"
        }
    }

    private mutating func operationWord() -> SearchFilter.Operation? {
        switch next() {
        case .symbol(let symbol): return SearchFilter.Operation(rawValue: symbol)
        case .word(let word):
            switch word.uppercased() {
            case "LIKE": return .like
            case "ILIKE": return .ilike
            case "IN": return .isIn
            case "NOT": return takeWord("IN") ? .notIn : nil
            case "IS":
                if takeWord("NULL") { return .isNull }
                return takeWord("NOT") && takeWord("NULL") ? .isNotNull : nil
            default: return nil
            }
        default: return nil
        }
    }

    // MARK: values

    private mutating func value(
        _ operation: SearchFilter.Operation, _ entity: SearchFilter.Entity, _ key: String
    ) throws(MartletError) -> SearchFilter.Value {
        if operation == .isNull || operation == .isNotNull { return .none }
        guard position < tokens.count else { throw unexpected() }
        if operation == .isIn || operation == .notIn { return .list(try list()) }
        if grammar.isNumber(entity, key) { return .number(try number(entity, key)) }
        let token = next()
        if case .word(let word)? = token, Double(word) == nil {
            throw .invalid(
                "Parameter value is either not quoted or unidentified quote types used for string value \(word). Use either single or double quotes.",
                field: "filter")
        }
        guard case .string(let text)? = token else {
            throw .invalid(
                "Expected a quoted string value for \(entity == .attribute ? "attributes" : entity.rawValue) (e.g. 'my-value'). Got value \(found())",
                field: "filter")
        }
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

    private mutating func number(_ entity: SearchFilter.Entity, _ key: String) throws(MartletError) -> Double {
        let text: String?
        switch next() {
        case .word(let word): text = word
        // MLflow takes a version number in quotes too.
        case .string(let string) where key == "version_number": text = string
        default: text = nil
        }
        let isDecimal = text?.utf8.allSatisfy { "+-.0123456789eE".utf8.contains($0) } ?? false
        guard let text, isDecimal, let number = Double(text) else {
            let what = entity == .metric ? "metric" : "numeric attribute: \(key)"
            throw .invalid("Expected numeric value type for \(what). Found \(found())", field: "filter")
        }
        guard key != "version_number" || entity != .attribute || Int64(text) != nil else {
            throw .invalid("Invalid value for numeric attribute '\(key)': \(text)", field: "filter")
        }
        return number
    }

    private mutating func list() throws(MartletError) -> [String] {
        let problem = "While parsing a list in the query, expected a non-empty list of string values, but got"
        guard next() == .symbol("(") else { throw .invalid("\(problem) \(found()).", field: "filter") }
        if peek() == .symbol(")") { throw .invalid("\(problem) empty list", field: "filter") }
        var items: [String] = []
        while true {
            switch next() {
            case .string(let text): items.append(text)
            case .symbol: throw .invalid("\(problem) ill-formed list.", field: "filter")
            case nil: throw unexpected(back: 1)
            case .word:
                throw .invalid(
                    "While parsing a list in the query, expected string value, punctuation, or whitespace, but got different type in list: \(found())",
                    field: "filter")
            }
            listItems += 1
            guard listItems <= TrackingLimits.filterListItemsMax else {
                throw .invalid(
                    "The lists of a filter may have \(TrackingLimits.filterListItemsMax) members together.",
                    field: "filter")
            }
            switch next() {
            case .symbol(","):
                if peek() == .symbol(")") {
                    position += 1
                    return items
                }
            case .symbol(")"): return items
            case nil: throw unexpected(back: 1)
            default: throw .invalid("\(problem) ill-formed list.", field: "filter")
            }
        }
    }

    // MARK: tokens

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

    /// The token just read, for a message.
    private func found() -> String {
        let index = position - 1
        return index < tokens.count ? tokens[index].text : "the end of the filter"
    }

    private func unexpected(back: Int = 0) -> MartletError {
        let index = position - back
        let text = index < tokens.count ? "'\(tokens[index].text)'" : "the end"
        return .invalid(
            "\(grammar.words.clause): \(text). Write comparisons as `key OP value`, joined by AND.",
            field: "filter")
    }
}
