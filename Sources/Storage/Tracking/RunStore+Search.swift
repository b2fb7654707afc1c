public import Domain

extension RunStore {
    static let layout = SearchSQL.Layout(
        table: "runs", identity: ["run_id"],
        columns: [
            "run_id": "run_id", "run_name": "name", "status": "status", "user_id": "user_id",
            "artifact_uri": "artifact_uri", "start_time": "started_at", "end_time": "ended_at",
        ],
        tagTable: "run_tags", paramTable: "run_params", metricTable: "latest_metrics")

    /// Runs of the given experiments; then always newest first, by id.
    ///
    /// - Parameter detail: basic reads no metrics, params, tags, inputs and outputs.
    public func search(
        experimentIDs: [String], filter: SearchFilter, order: [SearchOrder], view: ViewType, limit: Int, offset: Int,
        detail: ListDetail = .full
    ) async throws -> SearchPage<Run> {
        let numbers = try SearchSQL.experiments(experimentIDs)
        guard !numbers.isEmpty else { return SearchPage(items: [], nextOffset: nil) }
        if filter.names(.metric) || order.contains(where: { $0.entity == .metric }) {
            try await inbox.settle(.experiments(numbers))
        }
        return try await database.read { sql in
            var search = SearchSQL(layout: Self.layout)
            let marks = numbers.map { search.bind(.integer($0)) }.joined(separator: ", ")
            search.require("t.experiment_id IN (\(marks))")
            search.require(view)
            try search.add(filter)
            for key in order { try search.add(key) }
            search.order("t.started_at", ascending: false)
            search.order("t.run_id")
            var rows: [SQLRow]?
            if let byMetric = try RunSearchByMetric(
                experiments: numbers, filter: filter, order: order, view: view, limit: limit, offset: offset)
            {
                rows = try byMetric.rows(sql)
            }
            if rows == nil {
                let statement = try search.select("t.*", limit: limit, offset: offset)
                rows = try sql.rows(statement, search.values)
            }
            var runs = try (rows ?? []).map(Self.decode)
            let hasMore = runs.count > limit
            if hasMore { runs.removeLast() }
            if detail == .full { try Self.fill(sql, &runs) }
            return SearchPage(items: runs, nextOffset: hasMore ? offset + limit : nil)
        }
    }
}

extension SearchSQL {
    mutating func require(_ view: ViewType) {
        switch view {
        case .activeOnly: require("t.deleted = 0")
        case .deletedOnly: require("t.deleted > 0")
        case .all: break
        }
    }
}
