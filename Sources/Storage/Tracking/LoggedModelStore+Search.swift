public import Domain

extension LoggedModelStore {
    /// Data sets of one search at most: each is a condition of every comparison with a metric.
    public static let searchDatasetsMax = 100

    /// Logged models of the given experiments.
    ///
    /// - Parameters:
    ///   - datasets: comparisons with metrics take only values on one of these; without such a comparison, models with any
    ///     metric on one of them. Empty takes all.
    ///   - detail: basic reads no tags, params and metrics.
    public func search(
        experimentIDs: [String], filter: SearchFilter, datasets: [DatasetReference] = [], order: [SearchOrder],
        limit: Int, offset: Int, detail: ListDetail = .full
    ) async throws -> SearchPage<LoggedModel> {
        let numbers = try SearchSQL.experiments(experimentIDs)
        try TrackingLimits.checkCount(datasets.count, max: Self.searchDatasetsMax, of: "datasets")
        guard !numbers.isEmpty else { return SearchPage(items: [], nextOffset: nil) }
        return try await database.read { sql in
            var search = SearchSQL(layout: Self.layout)
            let marks = numbers.map { search.bind(.integer($0)) }.joined(separator: ", ")
            search.require("t.experiment_id IN (\(marks)) AND t.deleted = 0")
            Self.narrow(&search, to: datasets, hasMetric: filter.names(.metric))
            try search.add(filter)
            for key in order { try search.add(key) }
            if !order.contains(where: { $0.key == "creation_timestamp" }) { search.order("t.created_at DESC") }
            search.order("t.model_id ASC")
            let statement = try search.select("t.*", limit: limit, offset: offset)
            let items = try sql.rows(statement, search.values).map { try Self.decode(sql, $0, detail) }
            return SearchSQL.page(items, limit: limit, offset: offset)
        }
    }

    private static func narrow(_ search: inout SearchSQL, to datasets: [DatasetReference], hasMetric: Bool) {
        guard !datasets.isEmpty else { return }
        let scope = datasets.map { dataset in
            let name = "s.dataset_name = \(search.bind(.text(dataset.name)))"
            guard let digest = dataset.digest else { return name }
            return "(\(name) AND s.dataset_digest = \(search.bind(.text(digest))))"
        }.joined(separator: " OR ")
        if hasMetric {
            search.metricScope = scope
        } else {
            search.require("EXISTS (SELECT 1 FROM logged_model_metrics s WHERE s.model_id = t.model_id AND (\(scope)))")
        }
    }
}
