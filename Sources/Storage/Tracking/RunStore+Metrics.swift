public import Domain

extension RunStore {
    /// All values of one metric, oldest first.
    public func history(_ id: String, key: String, limit: Int, offset: Int) async throws -> SearchPage<MetricPoint> {
        try await inbox.settle(.runs([id]))
        return try await database.read { sql in
            _ = try Self.run(sql, id: id)
            let rows = try sql.rows(
                """
                SELECT * FROM metric_points WHERE run_id = $1 AND key = $2 ORDER BY timestamp, step, value
                LIMIT $3 OFFSET $4
                """, [.text(id), .text(key), .integer(limit + 1), .integer(offset)])
            return SearchSQL.page(try rows.map(Self.point), limit: limit, offset: offset)
        }
    }

    /// Stores points unless the same ones are there, and moves the latest values on.
    static func insert(
        _ sql: SQLConnection, runID: String, experimentID: Int64, _ points: [MetricPoint], loggedAt: Timestamp
    ) throws {
        try insert(sql, runID: runID, experimentID: experimentID, sorted: points.map { ($0, loggedAt) })
    }

    /// The same, at once; fastest where the points stand in the order of key, step and time.
    static func insert(
        _ sql: SQLConnection, runID: String, experimentID: Int64,
        sorted points: [(point: MetricPoint, loggedAt: Timestamp)]
    ) throws {
        var latest: MetricPoint?
        var changedAt: Timestamp?
        for (point, loggedAt) in points {
            guard try insert(sql, runID: runID, point, loggedAt: loggedAt) else { continue }
            changedAt = changedAt ?? loggedAt
            // Of points of one key that follow one another only the last moves the latest value.
            guard let before = latest, before.key == point.key else {
                if let before = latest { try setLatest(sql, runID: runID, experimentID: experimentID, before) }
                latest = point
                continue
            }
            if point.isLater(than: before) { latest = point }
        }
        if let latest { try setLatest(sql, runID: runID, experimentID: experimentID, latest) }
        if let changedAt { try MetricIndex.markPending(sql, runID: runID, experimentID: experimentID, at: changedAt) }
    }

    /// - Returns: whether it is new.
    private static func insert(
        _ sql: SQLConnection, runID: String, _ point: MetricPoint, loggedAt: Timestamp
    ) throws -> Bool {
        if let model = point.modelID { try insert(sql, runID: runID, modelID: model, point) }
        let inserted = try sql.execute(
            """
            INSERT INTO metric_points (run_id, key, timestamp, step, value, is_nan, logged_at, dataset_name,
                dataset_digest, model_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (run_id, key, step, timestamp, value, is_nan) DO NOTHING
            """,
            stored(point, runID) + [
                .integer(loggedAt.milliseconds), .text(point.datasetName), .text(point.datasetDigest),
                .text(point.modelID),
            ])
        return inserted > 0
    }

    private static func setLatest(
        _ sql: SQLConnection, runID: String, experimentID: Int64, _ point: MetricPoint
    ) throws {
        try sql.execute(
            """
            INSERT INTO latest_metrics (run_id, key, timestamp, step, value, is_nan, experiment_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (run_id, key) DO UPDATE SET timestamp = excluded.timestamp, step = excluded.step,
                value = excluded.value, is_nan = excluded.is_nan
            WHERE excluded.step > latest_metrics.step
                OR (excluded.step = latest_metrics.step AND excluded.timestamp > latest_metrics.timestamp)
                OR (excluded.step = latest_metrics.step AND excluded.timestamp = latest_metrics.timestamp
                    AND excluded.value > latest_metrics.value)
            """, stored(point, runID) + [.integer(experimentID)])
    }

    private static func stored(_ point: MetricPoint, _ runID: String) -> [SQLValue] {
        [
            .text(runID), .text(point.key), .integer(point.timestamp.milliseconds), .integer(point.step),
            .real(storable(point.value)), .bool(point.value.isNaN),
        ]
    }

    /// What the run logged for a logged model stands with that model too: the same value may belong to several models and data
    /// sets, while it is one point of the run.
    static func insert(_ sql: SQLConnection, runID: String, modelID: String, _ point: MetricPoint) throws {
        try sql.execute(
            """
            INSERT INTO logged_model_metrics (model_id, key, timestamp, step, value, is_nan, run_id, dataset_name,
                dataset_digest)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (model_id, key, step, timestamp, run_id, dataset_name, dataset_digest, value, is_nan) DO NOTHING
            """,
            [
                .text(modelID), .text(point.key), .integer(point.timestamp.milliseconds), .integer(point.step),
                .real(storable(point.value)), .bool(point.value.isNaN), .text(runID), .text(point.datasetName ?? ""),
                .text(point.datasetDigest ?? ""),
            ])
    }

    /// As MLflow's SQL store keeps numbers: infinities as the largest doubles, NaN as 0 with a mark, -0 as 0.
    static func storable(_ value: Double) -> Double {
        if value.isNaN { return 0 }
        if value.isInfinite { return value < 0 ? -.greatestFiniteMagnitude : .greatestFiniteMagnitude }
        return value + 0
    }

    static func point(_ row: SQLRow) throws -> MetricPoint {
        var point = MetricPoint(
            key: try row.text("key"), value: try row.bool("is_nan") ? .nan : try row.real("value"),
            timestamp: Timestamp(milliseconds: try row.integer("timestamp")), step: try row.integer("step"))
        if row.columns.contains("dataset_name") {
            point.datasetName = try row.optionalText("dataset_name")
            point.datasetDigest = try row.optionalText("dataset_digest")
            point.modelID = try row.optionalText("model_id")
        }
        return point
    }
}

extension MetricPoint {
    /// Whether it takes the other's place as the latest value of their key: the larger step, then time, then value, as stored.
    func isLater(than other: MetricPoint) -> Bool {
        (step, timestamp, RunStore.storable(value)) > (other.step, other.timestamp, RunStore.storable(other.value))
    }
}
