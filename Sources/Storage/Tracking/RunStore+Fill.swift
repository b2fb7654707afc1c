internal import Domain

/// Reads what stands in the side tables for many runs at once: a page of a search has up to 50,000.
extension RunStore {
    /// Runs read together. Bound values are few, and the statements of so few sizes stay prepared.
    private static let sizes = [200, 20, 1]

    /// Adds metrics, params, tags, data sets and models.
    static func fill(_ sql: SQLConnection, _ runs: inout [Run]) throws {
        var start = 0
        while start < runs.count {
            let left = runs.count - start
            // The smallest size that takes the rest, else the largest; a short group is filled up with its last id.
            let size = sizes.last { $0 >= left } ?? sizes[0]
            let end = min(start + size, runs.count)
            try fill(sql, &runs, start..<end, size: size)
            start = end
        }
    }

    private static func fill(_ sql: SQLConnection, _ runs: inout [Run], _ range: Range<Int>, size: Int) throws {
        var ids = range.map { SQLValue.text(runs[$0].id) }
        ids += repeatElement(ids[ids.count - 1], count: size - ids.count)
        let places = Dictionary(range.map { (runs[$0].id, $0) }) { first, _ in first }
        let marks = (1...size).map { "$\($0)" }.joined(separator: ", ")
        func each(_ statement: String, _ body: (SQLRow, inout Run) throws -> Void) throws {
            for row in try sql.rows(statement.replacing("$ids", with: marks, maxReplacements: 1), ids) {
                guard let place = try places[row.text("run_id")] else { continue }
                try body(row, &runs[place])
            }
        }
        try each(
            """
            SELECT run_id, key, value, timestamp, step, is_nan FROM latest_metrics WHERE run_id IN ($ids)
            ORDER BY run_id, key
            """
        ) { row, run in run.metrics.append(try point(row)) }
        for (id, points) in try MetricInbox.points(sql, ofRuns: ids) {
            if let place = places[id] { runs[place].metrics = merged(runs[place].metrics, points) }
        }
        try each("SELECT run_id, key, value FROM run_params WHERE run_id IN ($ids)") { row, run in
            run.params[try row.text("key")] = try row.text("value")
        }
        try each("SELECT run_id, key, value FROM run_tags WHERE run_id IN ($ids)") { row, run in
            run.tags[try row.text("key")] = try row.text("value")
        }
        try each("SELECT * FROM run_datasets WHERE run_id IN ($ids) ORDER BY run_id, position") { row, run in
            run.datasets.append(try dataset(row))
        }
        try each("SELECT run_id, model_id, direction, step FROM run_models WHERE run_id IN ($ids)") { row, run in
            if try row.text("direction") == "input" {
                run.modelInputs.append(try row.text("model_id"))
            } else {
                run.modelOutputs.append(ModelOutput(modelID: try row.text("model_id"), step: try row.integer("step")))
            }
        }
    }

    /// The latest values, when points that wait are sorted in; by key.
    private static func merged(_ latest: [MetricPoint], _ points: [MetricPoint]) -> [MetricPoint] {
        var byKey = Dictionary(latest.map { (Array($0.key.utf8), $0) }) { first, _ in first }
        for point in points {
            var point = point
            // As it is read back.
            if !point.value.isNaN { point.value = storable(point.value) }
            let key = Array(point.key.utf8)
            if let before = byKey[key], !point.isLater(than: before) { continue }
            byKey[key] = point
        }
        return byKey.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    }

    private static func dataset(_ row: SQLRow) throws -> DatasetInput {
        DatasetInput(
            name: try row.text("name"), digest: try row.text("digest"), sourceType: try row.text("source_type"),
            source: try row.text("source"), schema: try row.optionalText("schema"),
            profile: try row.optionalText("profile"), tags: try TextJSON.decode(try row.text("tags")))
    }
}
