internal import Domain

/// Builds the WHERE and ORDER BY of one search, with every value bound, never spelled out.
struct SearchSQL {
    /// How one kind of thing is stored.
    struct Layout: Sendable {
        /// The table searched, aliased `t`.
        var table: String
        /// Columns that name a row in the side tables, for example `["run_id"]`.
        var identity: [String]
        /// Attribute key to column of `t`.
        var columns: [String: String]
        var tagTable: String
        var paramTable: String?
        var metricTable: String?
    }

    /// Terms of an ORDER BY at most. From 64 on SQLite 3.40 follows a null pointer where there are joins too, which would end
    /// the whole server.
    static let orderTermsMax = 60

    let layout: Layout
    private(set) var conditions: [String] = []
    private(set) var orders: [String] = []
    private(set) var joins: [String] = []
    private(set) var values: [SQLValue] = []
    private var aliases = 0

    init(layout: Layout) { self.layout = layout }

    /// The numbers of the experiments to search in, each once; ids that are no numbers name nothing.
    ///
    /// - Throws: `invalidArgument` for more than can be bound.
    static func experiments(_ ids: [String]) throws -> [Int64] {
        try TrackingLimits.checkCount(ids.count, max: TrackingLimits.searchExperimentsMax, of: "experiment_ids")
        return Set(ids.compactMap(Int64.init)).sorted()
    }

    /// Binds a value; its `$n`.
    mutating func bind(_ value: SQLValue) -> String {
        values.append(value)
        return "$\(values.count)"
    }

    mutating func require(_ condition: String) { conditions.append(condition) }

    mutating func add(_ filter: SearchFilter) throws {
        for comparison in filter.comparisons { try add(comparison) }
    }

    private mutating func add(_ comparison: SearchFilter.Comparison) throws {
        switch comparison.entity {
        case .attribute:
            guard let column = layout.columns[comparison.key] else {
                throw MartletError.invalid("Invalid attribute key '\(comparison.key)'.")
            }
            conditions.append(try test("t.\(column)", comparison))
        case .tag:
            try addSide(layout.tagTable, comparison)
        case .param:
            guard let table = layout.paramTable else { throw MartletError.invalid("There are no params to search by.") }
            try addSide(table, comparison)
        case .metric:
            guard let table = layout.metricTable else {
                throw MartletError.invalid("There are no metrics to search by.")
            }
            try addSide(table, comparison)
        case .dataset:
            let column = ["name": "s.name", "digest": "s.digest", "context": "s.context"][comparison.key] ?? "s.name"
            let inner = try test(column, comparison)
            conditions.append("EXISTS (SELECT 1 FROM run_datasets s WHERE s.run_id = t.run_id AND \(inner))")
        }
    }

    private mutating func addSide(_ table: String, _ comparison: SearchFilter.Comparison) throws {
        let link = layout.identity.map { "s.\($0) = t.\($0)" }.joined(separator: " AND ")
        let key = bind(.text(comparison.key))
        let exists = "EXISTS (SELECT 1 FROM \(table) s WHERE \(link) AND s.key = \(key)"
        switch comparison.operation {
        case .isNull: conditions.append("NOT \(exists))")
        case .isNotNull: conditions.append("\(exists))")
        default:
            if comparison.entity == .metric {
                // A NaN is stored as 0 with a mark: it differs from every number and is neither above nor below one.
                let inner = try test("s.value", comparison)
                let nan = comparison.operation == .notEqual ? "s.is_nan = 1 OR" : "s.is_nan = 0 AND"
                conditions.append("\(exists) AND (\(nan) \(inner)))")
            } else {
                let inner = try test("s.value", comparison)
                // MLflow's client appends `tag.mlflow.prompt.is_prompt != 'true'` to every search of models; one without the tag matches.
                let isPromptRule = comparison.key == "mlflow.prompt.is_prompt" && comparison.operation == .notEqual
                let condition = "\(exists) AND \(inner))"
                conditions.append(isPromptRule ? "(\(condition) OR NOT \(exists)))" : condition)
            }
        }
    }

    private mutating func test(_ column: String, _ comparison: SearchFilter.Comparison) throws -> String {
        switch (comparison.operation, comparison.value) {
        case (.isIn, .list(let items)), (.notIn, .list(let items)):
            let marks = items.map { bind(.text($0)) }.joined(separator: ", ")
            return "\(column) \(comparison.operation.rawValue) (\(marks))"
        case (.like, .string(let pattern)): return "\(column) LIKE \(bind(.text(pattern)))"
        case (.ilike, .string(let pattern)): return "lower(\(column)) LIKE lower(\(bind(.text(pattern))))"
        case (let operation, .string(let text)):
            if column == "t.experiment_id" {
                guard let number = Int64(text) else { return "1 = 0" }
                return "\(column) \(operation.rawValue) \(bind(.integer(number)))"
            }
            return "\(column) \(operation.rawValue) \(bind(.text(text)))"
        case (let operation, .number(let number)): return "\(column) \(operation.rawValue) \(bind(.real(number)))"
        default: throw MartletError.invalid("Invalid comparison of '\(comparison.key)'.")
        }
    }

    /// NaN and missing values come last in both directions, NaN before missing.
    mutating func add(_ order: SearchOrder) throws {
        let direction = order.ascending ? "ASC" : "DESC"
        switch order.entity {
        case .attribute:
            guard let column = layout.columns[order.key] else {
                throw MartletError.invalid("Invalid order_by key '\(order.key)'.")
            }
            orders.append("(t.\(column) IS NULL) ASC")
            orders.append("t.\(column) \(direction)")
        case .metric, .param, .tag:
            let table =
                order.entity == .metric
                ? layout.metricTable : order.entity == .tag ? layout.tagTable : layout.paramTable
            guard let table else { throw MartletError.invalid("Invalid order_by entity '\(order.entity.rawValue)'.") }
            aliases += 1
            let alias = "o\(aliases)"
            let link = layout.identity.map { "\(alias).\($0) = t.\($0)" }.joined(separator: " AND ")
            joins.append("LEFT JOIN \(table) \(alias) ON \(link) AND \(alias).key = \(bind(.text(order.key)))")
            let nan = order.entity == .metric ? "WHEN \(alias).is_nan = 1 THEN 1 " : ""
            orders.append("CASE WHEN \(alias).value IS NULL THEN 2 \(nan)ELSE 0 END ASC")
            orders.append("\(alias).value \(direction)")
        case .dataset:
            throw MartletError.invalid("Invalid order_by entity 'dataset'.")
        }
    }

    mutating func order(_ clause: String) { orders.append(clause) }

    /// The whole statement; one row more than `limit`, so that the caller knows whether there is a next page.
    ///
    /// - Throws: `invalidArgument` for more terms of order than the database takes.
    mutating func select(_ columns: String, limit: Int, offset: Int) throws(MartletError) -> String {
        guard orders.count <= Self.orderTermsMax else {
            throw .invalid(
                "A request can contain at most \(TrackingLimits.orderClausesMax) order_by clauses.", field: "order_by")
        }
        let whereClause = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let orderClause = orders.isEmpty ? "" : "ORDER BY " + orders.joined(separator: ", ")
        let limitMark = bind(.integer(limit + 1))
        let offsetMark = bind(.integer(offset))
        return """
            SELECT \(columns) FROM \(layout.table) t \(joins.joined(separator: " ")) \(whereClause) \(orderClause)
            LIMIT \(limitMark) OFFSET \(offsetMark)
            """
    }

    /// Cuts the extra row off and tells where the next page starts.
    static func page<Item>(_ items: [Item], limit: Int, offset: Int) -> SearchPage<Item> {
        SearchPage(items: Array(items.prefix(limit)), nextOffset: items.count > limit ? offset + limit : nil)
    }
}
