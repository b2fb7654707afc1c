public import Domain

/// One metric of many runs.
extension RunStore {
    /// All values of one metric, by run, time, step and value.
    ///
    /// Runs that do not exist or have no such metric give none.
    public func histories(_ ids: [String], key: String, limit: Int) async throws -> [RunMetric] {
        guard !ids.isEmpty else { return [] }
        try await inbox.settle(.runs(ids))
        return try await database.read { sql in
            var values: [SQLValue] = [.text(key), .integer(limit)]
            let marks = Set(ids).sorted().map { id in
                values.append(.text(id))
                return "$\(values.count)"
            }
            return try sql.rows(
                """
                SELECT * FROM metric_points WHERE key = $1 AND run_id IN (\(marks.joined(separator: ", ")))
                ORDER BY run_id, timestamp, step, value LIMIT $2
                """, values
            ).map { RunMetric(runID: try $0.text("run_id"), point: try Self.point($0)) }
        }
    }

    /// Values of one metric, evenly picked along each run: the first and the last are always there.
    ///
    /// - Parameters:
    ///   - steps: only those within, both ends included; nil takes all.
    ///   - limit: values of one run at most, 1 or more.
    /// - Throws: `notFound` for a run that does not exist.
    public func samples(
        _ ids: [String], key: String, steps: ClosedRange<Int64>?, limit: Int
    ) async throws -> [RunMetric] {
        try await inbox.settle(.runs(ids))
        return try await database.read { sql in
            var samples: [RunMetric] = []
            for id in ids {
                let exists = try sql.row("SELECT 1 AS one FROM runs WHERE run_id = $1", [.text(id)])
                guard exists != nil else { throw MartletError.notFound("Run with id=\(id) not found") }
                let points = try Self.sample(sql, id, key, steps ?? (Int64.min...Int64.max), limit)
                samples += points.map { RunMetric(runID: id, point: $0) }
            }
            return samples
        }
    }

    private static func sample(
        _ sql: SQLConnection, _ id: String, _ key: String, _ steps: ClosedRange<Int64>, _ limit: Int
    ) throws -> [MetricPoint] {
        let within: [SQLValue] = [
            .text(id), .text(key), .integer(steps.lowerBound), .integer(steps.upperBound),
        ]
        let matching = "FROM metric_points WHERE run_id = $1 AND key = $2 AND step >= $3 AND step <= $4"
        // The first of each of `limit` parts of equal size; the database holds the history, the server only these.
        var points = try sql.rows(
            """
            SELECT key, value, is_nan, timestamp, step FROM (
                SELECT parts.*, ROW_NUMBER() OVER (
                    PARTITION BY part ORDER BY step, timestamp, value, is_nan) AS place
                FROM (
                    SELECT key, value, is_nan, timestamp, step,
                        NTILE(\(limit)) OVER (ORDER BY step, timestamp, value, is_nan) AS part
                    \(matching)) AS parts
            ) AS ranked WHERE place = 1 ORDER BY step, timestamp, value, is_nan
            """, within
        ).map(point)
        let last = try sql.row(
            """
            SELECT key, value, is_nan, timestamp, step \(matching)
            ORDER BY step DESC, timestamp DESC, value DESC, is_nan DESC LIMIT 1
            """, within
        ).map(point)
        guard let last, let end = points.last else { return points }
        let isSameValue = end.value == last.value || (end.value.isNaN && last.value.isNaN)
        if !(isSameValue && end.step == last.step && end.timestamp == last.timestamp) {
            if points.count >= limit { points.removeLast() }
            points.append(last)
        }
        return points
    }
}
