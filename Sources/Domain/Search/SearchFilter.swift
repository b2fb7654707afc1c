/// A parsed filter: comparisons that must all hold, and of each list of alternatives one.
public struct SearchFilter: Sendable, Hashable {
    public var comparisons: [Comparison]
    /// `(a OR b) AND (c OR d)` is two lists of two filters. Empty in MLflow's own grammar, which has no OR.
    public var alternatives: [[SearchFilter]]

    public init(_ comparisons: [Comparison] = [], alternatives: [[SearchFilter]] = []) {
        self.comparisons = comparisons
        self.alternatives = alternatives
    }

    /// Whether any comparison, however deep, is with a key of this kind.
    public func names(_ entity: Entity) -> Bool {
        comparisons.contains { $0.entity == entity } || alternatives.joined().contains { $0.names(entity) }
    }

    /// One comparison, as `params.lr = '0.1'`.
    public struct Comparison: Sendable, Hashable {
        public var entity: Entity
        public var key: String
        public var operation: Operation
        public var value: Value

        public init(entity: Entity, key: String, operation: Operation, value: Value) {
            self.entity = entity
            self.key = key
            self.operation = operation
            self.value = value
        }
    }

    public enum Entity: String, Sendable, Hashable { case attribute, metric, param, tag, dataset }

    public enum Operation: String, Sendable, Hashable {
        case equal = "="
        case notEqual = "!="
        case greater = ">"
        case greaterOrEqual = ">="
        case less = "<"
        case lessOrEqual = "<="
        case like = "LIKE"
        case ilike = "ILIKE"
        case isIn = "IN"
        case notIn = "NOT IN"
        case isNull = "IS NULL"
        case isNotNull = "IS NOT NULL"
    }

    public enum Value: Sendable, Hashable {
        case none
        case string(String)
        case number(Double)
        case list([String])
    }
}

/// One key to order by.
public struct SearchOrder: Sendable, Hashable {
    public var entity: SearchFilter.Entity
    public var key: String
    public var ascending: Bool
    /// Of a logged model's metric: only the values on this data set count.
    public var dataset: DatasetReference?

    public init(
        entity: SearchFilter.Entity, key: String, ascending: Bool, dataset: DatasetReference? = nil
    ) {
        self.entity = entity
        self.key = key
        self.ascending = ascending
        self.dataset = dataset
    }
}

/// A page of a search.
public struct SearchPage<Item: Sendable>: Sendable {
    public var items: [Item]
    /// Where the next page starts; nil on the last one.
    public var nextOffset: Int?

    public init(items: [Item], nextOffset: Int?) {
        self.items = items
        self.nextOffset = nextOffset
    }
}

/// Which life-cycle stages a search takes.
public enum ViewType: String, Sendable, Hashable {
    case activeOnly = "ACTIVE_ONLY"
    case deletedOnly = "DELETED_ONLY"
    case all = "ALL"
}
