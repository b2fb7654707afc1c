public import Domain

/// Which keys one kind of search knows, as MLflow's grammar has them.
public struct SearchGrammar: Sendable {
    enum KeyType: Sendable { case string, number }

    /// Attributes with their type, and the other words for them.
    let attributes: [String: KeyType]
    let attributeAliases: [String: String]
    /// Attributes that take IN and NOT IN.
    let listAttributes: Set<String>
    let entities: Set<SearchFilter.Entity>

    public static let runs = SearchGrammar(
        attributes: [
            "run_id": .string, "run_name": .string, "status": .string, "user_id": .string, "artifact_uri": .string,
            "start_time": .number, "end_time": .number,
        ],
        attributeAliases: [
            "run name": "run_name", "Run name": "run_name", "Run Name": "run_name", "created": "start_time",
            "Created": "start_time", "run_uuid": "run_id",
        ],
        listAttributes: ["run_id"], entities: [.attribute, .metric, .param, .tag, .dataset])

    public static let experiments = SearchGrammar(
        attributes: [
            "name": .string, "experiment_id": .string, "creation_time": .number, "last_update_time": .number,
        ],
        attributeAliases: [:], listAttributes: ["experiment_id"], entities: [.attribute, .tag])

    public static let registeredModels = SearchGrammar(
        attributes: ["name": .string, "creation_timestamp": .number, "last_updated_timestamp": .number],
        attributeAliases: ["timestamp": "last_updated_timestamp"], listAttributes: [], entities: [.attribute, .tag])

    public static let modelVersions = SearchGrammar(
        attributes: [
            "name": .string, "version_number": .number, "run_id": .string, "source_path": .string,
            "creation_timestamp": .number, "last_updated_timestamp": .number,
        ],
        attributeAliases: ["version": "version_number"], listAttributes: ["name", "run_id"],
        entities: [.attribute, .tag])

    public static let loggedModels = SearchGrammar(
        attributes: [
            "name": .string, "model_id": .string, "model_type": .string, "status": .string, "source_run_id": .string,
            "creation_timestamp": .number, "last_updated_timestamp": .number,
        ],
        attributeAliases: [
            "creation_time": "creation_timestamp", "last_updated_time": "last_updated_timestamp",
        ],
        listAttributes: ["name", "model_id", "model_type", "status", "source_run_id"],
        entities: [.attribute, .metric, .param, .tag])

    /// - Throws: `invalidArgument` for anything that is not the grammar.
    public func filter(_ text: String?) throws(MartletError) -> SearchFilter {
        guard let text, !text.allSatisfy(\.isWhitespace) else { return SearchFilter() }
        var parser = SearchFilterParser(tokens: try SearchTokenizer.tokens(text), grammar: self)
        return try parser.filter()
    }

    /// - Throws: `invalidArgument` for anything that is not `[entity.]key [ASC|DESC]`.
    public func order(_ clauses: [String]) throws(MartletError) -> [SearchOrder] {
        try TrackingLimits.checkCount(clauses.count, max: TrackingLimits.orderClausesMax, of: "order_by clauses")
        var orders: [SearchOrder] = []
        for clause in clauses {
            var text = Substring(clause)
            while text.last?.isWhitespace == true { text.removeLast() }
            var ascending = true
            if let space = text.lastIndex(where: \.isWhitespace) {
                switch text[text.index(after: space)...].uppercased() {
                case "ASC": text = text[..<space]
                case "DESC":
                    ascending = false
                    text = text[..<space]
                default: break
                }
            }
            while text.last?.isWhitespace == true { text.removeLast() }
            while text.first?.isWhitespace == true { text.removeFirst() }
            let (entity, key) = try resolve(String(text), in: "order_by clause '\(clause)'")
            orders.append(SearchOrder(entity: entity, key: key, ascending: ascending))
        }
        return orders
    }

    /// Splits `entity.key`, strips quotes of the key, and knows the attribute.
    func resolve(_ identifier: String, in place: String) throws(MartletError) -> (SearchFilter.Entity, String) {
        var entity = SearchFilter.Entity.attribute
        var key = identifier
        if let dot = identifier.firstIndex(of: "."), !["`", "\""].contains(identifier.first) {
            guard let named = Self.entityNames[String(identifier[..<dot])], entities.contains(named) else {
                throw .invalid("Invalid entity type '\(identifier[..<dot])' in \(place).")
            }
            entity = named
            key = String(identifier[identifier.index(after: dot)...])
        }
        if key.count >= 2, let quote = key.first, quote == "`" || quote == "\"", key.last == quote {
            key = String(key.dropFirst().dropLast())
        }
        guard !key.isEmpty else { throw .invalid("A key is missing in \(place).") }
        if entity == .attribute {
            key = attributeAliases[key] ?? key
            guard attributes[key] != nil else {
                throw .invalid(
                    "Invalid attribute key '\(key)' specified in \(place). Valid keys are '\(attributes.keys.sorted())'"
                )
            }
        }
        if entity == .dataset, !["name", "digest", "context"].contains(key) {
            throw .invalid("Invalid dataset key '\(key)' in \(place). Valid keys are name, digest, context.")
        }
        return (entity, key)
    }

    private static let entityNames: [String: SearchFilter.Entity] = [
        "metric": .metric, "metrics": .metric, "param": .param, "params": .param, "parameter": .param,
        "parameters": .param, "tag": .tag, "tags": .tag, "attribute": .attribute, "attributes": .attribute,
        "attr": .attribute, "run": .attribute, "dataset": .dataset, "datasets": .dataset,
    ]
}
