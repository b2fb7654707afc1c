internal import Domain

/// A page of one experiment's runs in the order of a metric, straight from the index of its values.
///
/// The index is walked from its end and read only as far as the page reaches, while the general statement looks the metric of every
/// run up and sorts them all. Runs whose index entries are pending (`MetricIndex`) are looked up one by one and merged in. Runs
/// with NaN or without the metric come after all others, so a full page is right without them.
struct RunSearchByMetric {
    private let key: String
    private let experiment: Int64
    private let ascending: Bool
    private let limit: Int
    private let offset: Int
    /// Whether the filter lets only runs with a value of the metric through: then a short page is whole, too.
    private let needsMetric: Bool
    private let search: SearchSQL

    /// - Returns: nil where the search is not of that kind.
    /// - Throws: `invalidArgument` for a filter or an order that is not one of runs.
    init?(
        experiments: [Int64], filter: SearchFilter, order: [SearchOrder], view: ViewType, limit: Int, offset: Int
    ) throws {
        guard let first = order.first, first.entity == .metric, experiments.count == 1 else { return nil }
        key = first.key
        experiment = experiments[0]
        ascending = first.ascending
        self.limit = limit
        self.offset = offset
        needsMetric = filter.comparisons.contains { comparison in
            comparison.entity == .metric && comparison.key == first.key
                && [.greater, .greaterOrEqual, .less, .lessOrEqual, .equal].contains(comparison.operation)
        }
        var search = SearchSQL(layout: RunStore.layout)
        search.require(view)
        try search.add(filter)
        for key in order.dropFirst() { try search.add(key) }
        search.order("t.started_at", ascending: false)
        search.order("t.run_id")
        try search.checkOrder()
        self.search = search
    }

    /// The rows of `runs`, one more than the page holds if there is a next one.
    ///
    /// - Returns: nil if runs without a value may belong to the page.
    func rows(_ sql: SQLConnection) throws -> [SQLRow]? {
        var search = self.search
        let statement = statement(&search)
        let rows = try sql.rows(statement, search.values)
        return rows.count > limit || needsMetric ? rows : nil
    }

    private func statement(_ search: inout SearchSQL) -> String {
        let key = search.bind(.text(key))
        let experiment = search.bind(.integer(experiment))
        let reach = search.bind(.integer(offset + limit + 1))
        let most = search.bind(.integer(limit + 1))
        let start = search.bind(.integer(offset))
        let terms = [SearchSQL.OrderTerm(expression: "m.value", isAscending: ascending)] + search.orders
        let columns = terms.enumerated().map { "\($1.expression) AS order_\($0)" }.joined(separator: ", ")
        let outer = terms.enumerated().map {
            SearchSQL.OrderTerm(expression: "order_\($0)", isAscending: $1.isAscending).text
        }.joined(separator: ", ")
        let joins = search.joins.joined(separator: " ")
        let conditions = search.conditions.map { " AND " + $0 }.joined()
        // The index holds `indexed_value`, which is `value` where nothing is pending.
        let byIndex = ([SearchSQL.OrderTerm(expression: "m.indexed_value", isAscending: ascending)] + search.orders)
            .map(\.text).joined(separator: ", ")
        let byValue = terms.map(\.text).joined(separator: ", ")
        return """
            SELECT * FROM (
                SELECT * FROM (
                    SELECT t.*, \(columns) FROM latest_metrics m JOIN runs t ON t.run_id = m.run_id \(joins)
                    WHERE m.experiment_id = \(experiment) AND m.key = \(key) AND m.indexed_value IS NOT NULL
                        AND NOT EXISTS (SELECT 1 FROM metric_index_pending p WHERE p.run_id = m.run_id)\(conditions)
                    ORDER BY \(byIndex) LIMIT \(reach)) AS settled
                UNION ALL
                SELECT * FROM (
                    SELECT t.*, \(columns) FROM metric_index_pending p JOIN runs t ON t.run_id = p.run_id
                        JOIN latest_metrics m ON m.run_id = t.run_id AND m.key = \(key) \(joins)
                    WHERE p.experiment_id = \(experiment) AND m.is_nan = 0\(conditions)
                    ORDER BY \(byValue) LIMIT \(reach)) AS pending) AS found
            ORDER BY \(outer) LIMIT \(most) OFFSET \(start)
            """
    }
}
