internal import Domain
internal import Hummingbird
internal import Storage
internal import Wire

/// Histories of metrics: of one run, page by page, and of many.
extension MLflowRoutes {
    /// Runs and values of one bulk call, as MLflow has them.
    private static let bulkRunsMax = 100
    private static let bulkResultsMax: Int64 = 25_000
    /// Values of one run that the interval call gives at most.
    private static let intervalResultsMax: Int64 = 2_500

    func addMetricHistories(to table: MLflowRouteTable) {
        table.get("metrics/get-history") { request, _ in
            // MLflow takes 0 for what it says.
            let isNoneWanted = try request.integer("max_results") == 0
            let page = try await runs.history(
                try runID(request), key: try request.required("metric_key"),
                limit: isNoneWanted
                    ? 1 : try Self.limit(request, default: 25_000, max: TrackingLimits.searchResultsMax),
                offset: try MLflowPageToken.decode(try request.string("page_token")))
            if isNoneWanted { return MLflowAnswer.page("metrics", [], nextOffset: nil) }
            return MLflowAnswer.page("metrics", page.items.map { MLflowAnswer.metric($0) }, nextOffset: page.nextOffset)
        }
        table.get("metrics/get-history-bulk") { request, _ in
            let ids = try request.strings("run_id")
            guard !ids.isEmpty else {
                throw MartletError.invalid(
                    "GetMetricHistoryBulk request must specify at least one run_id.", field: "run_id")
            }
            guard ids.count <= Self.bulkRunsMax else {
                throw MartletError.invalid(
                    "GetMetricHistoryBulk request cannot specify more than \(Self.bulkRunsMax) run_ids. Received \(ids.count) run_ids.",
                    field: "run_id")
            }
            guard let key = try request.string("metric_key") else {
                throw MartletError.invalid(
                    "GetMetricHistoryBulk request must specify a metric_key.", field: "metric_key")
            }
            let limit = min(try request.integer("max_results") ?? Self.bulkResultsMax, Self.bulkResultsMax)
            guard limit > 0 else { throw MLflowRequest.mistyped("max_results", .int(limit)) }
            let metrics = try await runs.histories(ids, key: key, limit: Int(limit))
            return ["metrics": .array(metrics.map(Self.answer))]
        }
        table.get("metrics/get-history-bulk-interval", interval)
    }

    @Sendable private func interval(_ request: MLflowRequest, _ principal: Principal) async throws -> JSONValue {
        let ids = try request.strings("run_ids")
        guard !ids.isEmpty, ids != [""] else { throw MLflowRequest.missing("run_ids") }
        guard ids.count <= Self.bulkRunsMax else {
            throw MartletError.invalid(
                "GetMetricHistoryBulkInterval request must specify at most \(Self.bulkRunsMax) run_ids. Received \(ids.count) run_ids.",
                field: "run_ids")
        }
        let key = try request.required("metric_key")
        let limit = try Self.limit(
            request, default: Self.intervalResultsMax, between: 1...Self.intervalResultsMax)
        let metrics = try await runs.samples(ids, key: key, steps: try steps(request), limit: limit)
        return MLflowAnswer.page("metrics", metrics.map(Self.answer), nextOffset: nil)
    }

    private func steps(_ request: MLflowRequest) throws -> ClosedRange<Int64>? {
        switch (try request.integer("start_step"), try request.integer("end_step")) {
        case (nil, nil): return nil
        case (let start?, let end?):
            guard start <= end else {
                throw MartletError.invalid(
                    "end_step must be greater than start_step. Found start_step=\(start) and end_step=\(end).",
                    field: "end_step")
            }
            return start...end
        default:
            throw MartletError.invalid(
                "If either start step or end step are specified, both must be specified.", field: "start_step")
        }
    }

    private static func answer(_ metric: RunMetric) -> JSONValue {
        var point = metric.point
        // Bulk answers have no data set and no model.
        (point.datasetName, point.datasetDigest, point.modelID) = (nil, nil, nil)
        return MLflowAnswer.metric(point, runID: metric.runID)
    }
}
