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
        /// Whether the metric table holds every value ever logged, not the latest of each key.
        var metricsAreHistory = false
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
    /// A condition on `s`, the row of a metric, that comparisons with metrics add; nil takes every row.
    var metricScope: String?

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

    mutating func add(_ filter: SearchFilter) throws { conditions += try terms(filter) }

    /// What must all hold.
    private mutating func terms(_ filter: SearchFilter) throws -> [String] {
        var terms: [String] = []
        for comparison in filter.comparisons { terms.append(try term(comparison)) }
        for alternatives in filter.alternatives {
            var parts: [String] = []
            for alternative in alternatives {
                let all = try self.terms(alternative)
                parts.append("(" + (all.isEmpty ? "1 = 1" : all.joined(separator: " AND ")) + ")")
            }
            terms.append("(" + parts.joined(separator: " OR ") + ")")
        }
        return terms
    }

    private mutating func term(_ comparison: SearchFilter.Comparison) throws -> String {
        switch comparison.entity {
        case .attribute:
            guard let column = layout.columns[comparison.key] else {
                throw MartletError.invalid("Invalid attribute key '\(comparison.key)'.")
            }
            return try test("t.\(column)", comparison)
        case .tag:
            return try side(layout.tagTable, comparison)
        case .param:
            guard let table = layout.paramTable else { throw MartletError.invalid("There are no params to search by.") }
            return try side(table, comparison)
        case .metric:
            guard let table = layout.metricTable else {
                throw MartletError.invalid("There are no metrics to search by.")
            }
            return try side(table, comparison)
        case .dataset:
            let column = ["name": "s.name", "digest": "s.digest", "context": "s.context"][comparison.key] ?? "s.name"
            let inner = try test(column, comparison)
            return "EXISTS (SELECT 1 FROM run_datasets s WHERE s.run_id = t.run_id AND \(inner))"
        }
    }

    private mutating func side(_ table: String, _ comparison: SearchFilter.Comparison) throws -> String {
        let link = layout.identity.map { "s.\($0) = t.\($0)" }.joined(separator: " AND ")
        let key = bind(.text(comparison.key))
        let exists = "EXISTS (SELECT 1 FROM \(table) s WHERE \(link) AND s.key = \(key)"
        switch comparison.operation {
        case .isNull: return "NOT \(exists))"
        case .isNotNull: return "\(exists))"
        default: break
        }
        let inner = try test("s.value", comparison)
        if comparison.entity == .metric {
            // A NaN is stored as 0 with a mark: it differs from every number and is neither above nor below one.
            let nan = comparison.operation == .notEqual ? "s.is_nan = 1 OR" : "s.is_nan = 0 AND"
            let scope = metricScope.map { " AND (\($0))" } ?? ""
            return "\(exists)\(scope) AND (\(nan) \(inner)))"
        }
        // MLflow's client appends `tag.mlflow.prompt.is_prompt != 'true'` to every search of models; one without the tag
        // is no prompt.
        let asksForNoPrompt = [
            SearchFilter.Operation.notEqual: "true", SearchFilter.Operation.equal: "false",
        ][comparison.operation]
        let isPromptRule =
            comparison.key == "mlflow.prompt.is_prompt" && asksForNoPrompt.map { .string($0) } == comparison.value
        let condition = "\(exists) AND \(inner))"
        return isPromptRule ? "(\(condition) OR NOT \(exists)))" : condition
    }

    private mutating func test(_ column: String, _ comparison: SearchFilter.Comparison) throws -> String {
        switch (comparison.operation, comparison.value) {
        case (.isIn, .list(let items)), (.notIn, .list(let items)):
            // An id that is no number names no experiment.
            let values: [SQLValue] =
                column == "t.experiment_id"
                ? items.map { .integer(Int64($0) ?? -1) } : items.map { .text($0) }
            let marks = values.map { bind($0) }.joined(separator: ", ")
            return "\(column) \(comparison.operation.rawValue) (\(marks))"
        case (.like, .string(let pattern)): return "\(text(column)) LIKE \(bind(.text(pattern)))"
        case (.ilike, .string(let pattern)): return "lower(\(text(column))) LIKE lower(\(bind(.text(pattern))))"
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

    /// The one attribute that is text to clients and a number here.
    private func text(_ column: String) -> String {
        column == "t.experiment_id" ? "CAST(t.experiment_id AS TEXT)" : column
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
            if order.entity == .metric, layout.metricsAreHistory {
                joins.append("LEFT JOIN \(latest(of: table, order)) \(alias) ON \(link)")
            } else {
                joins.append("LEFT JOIN \(table) \(alias) ON \(link) AND \(alias).key = \(bind(.text(order.key)))")
            }
            let nan = order.entity == .metric ? "WHEN \(alias).is_nan = 1 THEN 1 " : ""
            orders.append("CASE WHEN \(alias).value IS NULL THEN 2 \(nan)ELSE 0 END ASC")
            orders.append("\(alias).value \(direction)")
        case .dataset:
            throw MartletError.invalid("Invalid order_by entity 'dataset'.")
        }
    }

    /// One row for each thing that has the metric: its newest value, on a data set if one is named.
    private mutating func latest(of table: String, _ order: SearchOrder) -> String {
        let identity = layout.identity.joined(separator: ", ")
        var conditions = ["key = \(bind(.text(order.key)))"]
        if let dataset = order.dataset {
            conditions.append("dataset_name = \(bind(.text(dataset.name)))")
            if let digest = dataset.digest { conditions.append("dataset_digest = \(bind(.text(digest)))") }
        }
        return """
            (SELECT * FROM (
                SELECT \(identity), value, is_nan, ROW_NUMBER() OVER (
                    PARTITION BY \(identity) ORDER BY timestamp DESC, step DESC, run_id ASC) AS place
                FROM \(table) WHERE \(conditions.joined(separator: " AND "))) AS ranked WHERE place = 1)
            """
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
