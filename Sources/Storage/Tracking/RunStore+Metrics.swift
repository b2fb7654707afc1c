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
        try insert(sql, runID: runID, experimentID: experimentID, points.map { ($0, loggedAt) })
    }

    static func insert(
        _ sql: SQLConnection, runID: String, experimentID: Int64,
        _ unsorted: [(point: MetricPoint, loggedAt: Timestamp)]
    ) throws {
        // In the order of their places, those of one key beside one another.
        let points = unsorted.sorted {
            ($0.point.key, $0.point.step, $0.point.timestamp) < ($1.point.key, $1.point.step, $1.point.timestamp)
        }
        guard try insertNew(sql, runID: runID, points), let loggedAt = points.first?.loggedAt else { return }
        // Of the points of a key only the last moves the latest value. A point that was there has moved it.
        var latest: [MetricPoint] = []
        for (point, _) in points {
            guard let before = latest.last, before.key == point.key else {
                latest.append(point)
                continue
            }
            if point.isLater(than: before) { latest[latest.count - 1] = point }
        }
        try setLatest(sql, runID: runID, experimentID: experimentID, latest)
        try MetricIndex.markPending(sql, runID: runID, experimentID: experimentID, at: loggedAt)
    }

    /// - Returns: whether any was new.
    private static func insertNew(
        _ sql: SQLConnection, runID: String, _ points: [(point: MetricPoint, loggedAt: Timestamp)]
    ) throws -> Bool {
        var isAnyNew = false
        let isPlain = points.allSatisfy { $0.point.isPlain }
        var rest = points[...]
        while isPlain, let statement = Self.pointStatements.first(where: { $0.rows <= rest.count }) {
            var values: [SQLValue] = [.text(runID)]
            values.reserveCapacity(1 + statement.rows * 6)
            for (point, loggedAt) in rest.prefix(statement.rows) {
                append(point, to: &values)
                values.append(.integer(loggedAt.milliseconds))
            }
            if try sql.execute(statement.sql, values) > 0 { isAnyNew = true }
            rest = rest.dropFirst(statement.rows)
        }
        for (point, loggedAt) in rest where try insert(sql, runID: runID, point, loggedAt: loggedAt) { isAnyNew = true }
        return isAnyNew
    }

    /// Points without data set and model, many a statement: the largest number of rows first.
    private static let pointStatements = [64, 8, 1].map { rows in
        (
            rows: rows,
            sql: """
            INSERT INTO metric_points (run_id, key, timestamp, step, value, is_nan, logged_at)
            VALUES \(marks(rows: rows, columns: 6))
            ON CONFLICT (run_id, key, step, timestamp, value, is_nan) DO NOTHING
            """
        )
    }

    /// `($1, $2, $3), ($1, $4, $5)`: rows of a run's id, which is the first value, and as many values of their own.
    private static func marks(rows: Int, columns: Int) -> String {
        (0..<rows).map { row in
            "($1, " + (0..<columns).map { "$\(2 + row * columns + $0)" }.joined(separator: ", ") + ")"
        }.joined(separator: ", ")
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
            values(of: point, runID) + [
                .integer(loggedAt.milliseconds), .text(point.datasetName), .text(point.datasetDigest),
                .text(point.modelID),
            ])
        return inserted > 0
    }

    /// - Parameter points: of different keys.
    private static func setLatest(
        _ sql: SQLConnection, runID: String, experimentID: Int64, _ points: [MetricPoint]
    ) throws {
        var rest = points[...]
        while let statement = Self.latestStatements.first(where: { $0.rows <= rest.count }) {
            var values: [SQLValue] = [.text(runID)]
            values.reserveCapacity(1 + statement.rows * 6)
            for point in rest.prefix(statement.rows) {
                append(point, to: &values)
                values.append(.integer(experimentID))
            }
            try sql.execute(statement.sql, values)
            rest = rest.dropFirst(statement.rows)
        }
    }

    private static let latestStatements = [64, 8, 1].map { rows in
        (
            rows: rows,
            sql: """
            INSERT INTO latest_metrics (run_id, key, timestamp, step, value, is_nan, experiment_id)
            VALUES \(marks(rows: rows, columns: 6))
            ON CONFLICT (run_id, key) DO UPDATE SET timestamp = excluded.timestamp, step = excluded.step,
                value = excluded.value, is_nan = excluded.is_nan
            WHERE excluded.step > latest_metrics.step
                OR (excluded.step = latest_metrics.step AND excluded.timestamp > latest_metrics.timestamp)
                OR (excluded.step = latest_metrics.step AND excluded.timestamp = latest_metrics.timestamp
                    AND excluded.value > latest_metrics.value)
            """
        )
    }

    private static func values(of point: MetricPoint, _ runID: String) -> [SQLValue] {
        var values: [SQLValue] = [.text(runID)]
        append(point, to: &values)
        return values
    }

    private static func append(_ point: MetricPoint, to values: inout [SQLValue]) {
        values.append(.text(point.key))
        values.append(.integer(point.timestamp.milliseconds))
        values.append(.integer(point.step))
        values.append(.real(storable(point.value)))
        values.append(.bool(point.value.isNaN))
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
    /// Whether it names neither a data set nor a model.
    var isPlain: Bool { modelID == nil && datasetName == nil && datasetDigest == nil }

    /// Whether it takes the other's place as the latest value of their key: the larger step, then time, then value, as stored.
    func isLater(than other: MetricPoint) -> Bool {
        (step, timestamp, RunStore.storable(value)) > (other.step, other.timestamp, RunStore.storable(other.value))
    }
}
