public import Domain

/// Which keys one kind of search knows, as MLflow's grammar has them.
public struct SearchGrammar: Sendable {
    /// How much of a filter is understood.
    public enum Dialect: Sendable, Hashable {
        /// MLflow's own: comparisons joined by AND.
        case mlflow
        /// MLflow's, and OR and parentheses.
        case extended
    }

    enum KeyType: Sendable { case string, number }

    /// Attributes that filters know, with their type, and the other words for them.
    let attributes: [String: KeyType]
    let attributeAliases: [String: String]
    /// Attributes that `order_by` knows.
    let orderAttributes: Set<String>
    /// Attributes that take IN and NOT IN; nil is all that are text.
    let listAttributes: Set<String>?
    /// The words before the dot.
    let entities: [String: SearchFilter.Entity]
    /// What can be asked for with IS NULL and IS NOT NULL.
    let nullable: Set<SearchFilter.Entity>
    /// What `order_by` takes besides attributes.
    let ordered: Set<SearchFilter.Entity>
    var words = SearchWords()

    private static let registryEntities: [String: SearchFilter.Entity] = [
        "attribute": .attribute, "tag": .tag, "tags": .tag,
    ]

    public static let runs = SearchGrammar(
        attributes: [
            "run_id": .string, "run_name": .string, "status": .string, "user_id": .string, "artifact_uri": .string,
            "start_time": .number, "end_time": .number,
        ],
        attributeAliases: [
            "run name": "run_name", "Run name": "run_name", "Run Name": "run_name", "created": "start_time",
            "Created": "start_time", "run_uuid": "run_id",
        ],
        orderAttributes: [
            "run_id", "run_name", "status", "user_id", "artifact_uri", "start_time", "end_time",
        ],
        listAttributes: ["run_id"],
        entities: [
            "metric": .metric, "metrics": .metric, "param": .param, "params": .param, "parameter": .param,
            "parameters": .param, "tag": .tag, "tags": .tag, "attribute": .attribute, "attributes": .attribute,
            "attr": .attribute, "run": .attribute, "dataset": .dataset, "datasets": .dataset,
        ],
        nullable: [.tag, .param], ordered: [.metric, .param, .tag])

    public static let experiments = SearchGrammar(
        attributes: [
            "name": .string, "experiment_id": .string, "creation_time": .number, "last_update_time": .number,
        ],
        attributeAliases: [:],
        orderAttributes: ["name", "experiment_id", "creation_time", "last_update_time"],
        listAttributes: ["experiment_id"], entities: registryEntities, nullable: [.tag], ordered: [])

    public static let registeredModels = SearchGrammar(
        attributes: ["name": .string],
        attributeAliases: ["timestamp": "last_updated_timestamp"],
        orderAttributes: ["name", "last_updated_timestamp"],
        listAttributes: ["name"], entities: registryEntities, nullable: [], ordered: [],
        words: SearchWords(orderKey: "order by key"))

    public static let modelVersions = SearchGrammar(
        attributes: ["name": .string, "version_number": .number, "run_id": .string, "source_path": .string],
        attributeAliases: [:],
        orderAttributes: ["name", "version_number", "creation_timestamp", "last_updated_timestamp"],
        listAttributes: ["name", "run_id"], entities: registryEntities, nullable: [], ordered: [])

    public static let loggedModels = SearchGrammar(
        attributes: [
            "name": .string, "model_id": .string, "model_type": .string, "status": .string, "source_run_id": .string,
            "creation_timestamp": .number, "last_updated_timestamp": .number,
        ],
        attributeAliases: [
            "creation_time": "creation_timestamp", "last_updated_time": "last_updated_timestamp",
        ],
        orderAttributes: [
            "name", "model_id", "model_type", "status", "source_run_id", "creation_timestamp", "last_updated_timestamp",
        ],
        listAttributes: nil,
        entities: [
            "attributes": .attribute, "metrics": .metric, "params": .param, "tags": .tag, "attribute": .attribute,
            "metric": .metric, "param": .param, "tag": .tag,
        ],
        nullable: [], ordered: [.metric],
        words: SearchWords(clause: "Invalid filter string", comparator: "Invalid comparison operator"))

    /// - Throws: `invalidArgument` for anything that is not the grammar.
    public func filter(_ text: String?, dialect: Dialect = .extended) throws(MartletError) -> SearchFilter {
        guard let text, !text.allSatisfy(\.isWhitespace) else { return SearchFilter() }
        var parser = SearchFilterParser(tokens: try SearchTokenizer.tokens(text), grammar: self, dialect: dialect)
        return try parser.filter()
    }

    /// - Throws: `invalidArgument` for anything that is not `[entity.]key [ASC|DESC]`, and for a key that comes twice.
    public func order(_ clauses: [String]) throws(MartletError) -> [SearchOrder] {
        try TrackingLimits.checkCount(clauses.count, max: TrackingLimits.orderClausesMax, of: "order_by clauses")
        var orders: [SearchOrder] = []
        for clause in clauses {
            let order = try self.order(clause)
            guard !orders.contains(where: { $0.entity == order.entity && $0.key == order.key }) else {
                throw .invalid("`order_by` contains duplicate fields: \(clauses)", field: "order_by")
            }
            orders.append(order)
        }
        return orders
    }

    private func order(_ clause: String) throws(MartletError) -> SearchOrder {
        var text = Self.trimmed(Substring(clause))
        var ascending = true
        if let space = text.lastIndex(where: \.isWhitespace), !text.hasSuffix("`"), !text.hasSuffix("\"") {
            let last = text[text.index(after: space)...]
            let rest = Self.trimmed(text[..<space])
            switch last.uppercased() {
            case "ASC": text = rest
            case "DESC":
                ascending = false
                text = rest
            default:
                guard attributeAliases[String(text)] != nil else {
                    guard !rest.contains(where: \.isWhitespace) || rest.contains(where: { "`\"".contains($0) }) else {
                        throw .invalid("Invalid order_by clause '\(clause)'. Could not be parsed.", field: "order_by")
                    }
                    throw .invalid("Invalid ordering key in order_by clause '\(clause)'.", field: "order_by")
                }
            }
        }
        guard !text.isEmpty else {
            throw .invalid("Invalid order_by clause '\(clause)'. Could not be parsed.", field: "order_by")
        }
        let (entity, key) = try resolve(String(text), in: .order)
        guard entity == .attribute || ordered.contains(entity) else {
            throw .invalid("Invalid order_by entity: \(entity.rawValue)", field: "order_by")
        }
        return SearchOrder(entity: entity, key: key, ascending: ascending)
    }

    /// A key to order by that stands alone, as logged models have it: `metrics.auc`, `creation_timestamp`.
    ///
    /// - Throws: `invalidArgument` for one that the search does not order by.
    public func key(_ name: String, ascending: Bool) throws(MartletError) -> SearchOrder {
        let (entity, key) = try resolve(name, in: .order)
        guard entity == .attribute || ordered.contains(entity) else {
            throw .invalid(
                "Invalid order by field name: \(name). Only metrics and attributes are supported.", field: "order_by")
        }
        return SearchOrder(entity: entity, key: key, ascending: ascending)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.last?.isWhitespace == true { text.removeLast() }
        while text.first?.isWhitespace == true { text.removeFirst() }
        return text
    }

    enum Place { case filter, order }

    /// Splits `entity.key`, strips quotes of the key, and knows the attribute.
    func resolve(_ identifier: String, in place: Place) throws(MartletError) -> (SearchFilter.Entity, String) {
        let field = place == .filter ? "filter" : "order_by"
        var entity = SearchFilter.Entity.attribute
        var key = identifier
        if let dot = identifier.firstIndex(of: "."), !["`", "\""].contains(identifier.first) {
            let word = String(identifier[..<dot])
            guard let named = entities[word] else {
                throw .invalid(
                    "Invalid entity type '\(word)'. Valid values are \(entities.keys.sorted())", field: field)
            }
            entity = named
            key = String(identifier[identifier.index(after: dot)...])
        }
        if key.count >= 2, let quote = key.first, quote == "`" || quote == "\"", key.last == quote {
            key = String(key.dropFirst().dropLast())
        }
        guard !key.isEmpty else {
            throw .invalid("\(words.clause): a key is missing.", field: field)
        }
        if entity == .attribute {
            key = attributeAliases[key] ?? key
            let valid = place == .filter ? Set(attributes.keys) : orderAttributes
            guard valid.contains(key) else {
                let what = place == .filter ? "attribute key" : words.orderKey
                throw .invalid(
                    "Invalid \(what) '\(key)' specified. Valid keys are '\(valid.sorted())'", field: field)
            }
        }
        if entity == .dataset, !["name", "digest", "context"].contains(key) {
            throw .invalid(
                "Invalid dataset key '\(key)' specified. Valid keys are '[name, digest, context]'", field: field)
        }
        return (entity, key)
    }

    /// Whether a key is compared as a number.
    func isNumber(_ entity: SearchFilter.Entity, _ key: String) -> Bool {
        entity == .metric || (entity == .attribute && attributes[key] == .number)
    }

    func takesList(_ entity: SearchFilter.Entity, _ key: String) -> Bool {
        switch entity {
        case .dataset: true
        case .attribute: listAttributes?.contains(key) ?? (attributes[key] == .string)
        // MLflow's logged models compare params and tags with lists too.
        case .param, .tag: listAttributes == nil
        case .metric: false
        }
    }
}
