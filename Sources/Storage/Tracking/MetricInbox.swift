public import Domain

/// Metric points that were logged in batches, on their way into `metric_points` and `latest_metrics`.
///
/// A batch of a hundred metrics belongs into a hundred places of those tables, and the next batch of the same run into the places beside
/// them. So a batch is first one row here, durable like any write; a few seconds of batches are sorted in together, and each place is
/// touched once. Whoever reads the points of a run or searches by them has them sorted in first; the latest values of a run are read
/// from both.
public struct MetricInbox: Sendable {
    /// A smaller batch is not worth the way round.
    static let pointsMin = 16
    /// How long a batch waits when nobody asks for it.
    static let waitMilliseconds: Int64 = 5_000
    /// Batches of one transaction, so that no other write waits long.
    static let batchesMax = 16

    let database: Database
    let clock: any WallClock

    public init(database: Database, clock: any WallClock) {
        self.database = database
        self.clock = clock
    }

    /// What is to be sorted in.
    enum Scope: Sendable {
        case runs([String])
        case experiments([Int64])
    }

    // MARK: batches come

    /// - Returns: whether the points were taken; else they are to be inserted one by one.
    static func take(
        _ sql: SQLConnection, runID: String, experimentID: Int64, _ points: [MetricPoint], at now: Timestamp
    ) throws -> Bool {
        guard points.count >= pointsMin, points.allSatisfy(\.isPlain) else { return false }
        let values: [SQLValue] = [
            .text(runID), .integer(experimentID), .integer(now.milliseconds), .blob(MetricBatch.encode(points)),
        ]
        while true {
            // Ordered by time, so that rows are appended; the rest is chance, so that servers of one database rarely meet.
            let batch = now.milliseconds << 21 | Int64.random(in: 0..<(1 << 21))
            let inserted = try sql.execute(
                """
                INSERT INTO metric_inbox (batch, run_id, experiment_id, logged_at, points) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (batch) DO NOTHING
                """, [.integer(batch)] + values)
            if inserted > 0 { return true }
        }
    }

    // MARK: batches go

    /// Sorts in what waits within a scope. What is logged meanwhile may be left.
    func settle(_ scope: Scope) async throws {
        // Nearly always there is nothing.
        guard try await database.readBriefly({ try Self.runs(in: scope, $0, limit: 1).first }) != nil else { return }
        let runs = try await database.read { try Self.runs(in: scope, $0, limit: nil) }
        for run in runs {
            while try await database.write({ try Self.settle($0, runID: run) }) == Self.batchesMax {}
        }
    }

    /// Sorts in batches that have waited long enough.
    ///
    /// - Parameter everything: those that have not, too.
    /// - Returns: whether there may be more.
    public func followSome(everything: Bool = false) async throws -> Bool {
        let before = everything ? Int64.max : (clock.now().milliseconds - Self.waitMilliseconds) << 21
        let runs = try await database.read { sql in
            try sql.rows(
                """
                SELECT DISTINCT run_id FROM
                    (SELECT run_id FROM metric_inbox WHERE batch < $1 ORDER BY batch LIMIT \(Self.batchesMax)) AS oldest
                """, [.integer(before)]
            ).map { try $0.text("run_id") }
        }
        guard !runs.isEmpty else { return false }
        try await database.write { sql in
            var left = Self.batchesMax
            for run in runs where left > 0 { left -= try Self.settle(sql, runID: run) }
        }
        return true
    }

    private static func runs(in scope: Scope, _ sql: SQLConnection, limit: Int?) throws -> [String] {
        let condition: String
        let values: [SQLValue]
        switch scope {
        case .runs(let ids): (condition, values) = ("run_id IN (\(marks(ids.count)))", ids.map { .text($0) })
        case .experiments(let numbers):
            (condition, values) = ("experiment_id IN (\(marks(numbers.count)))", numbers.map { .integer($0) })
        }
        let end = limit.map { " LIMIT \($0)" } ?? ""
        return try sql.rows("SELECT DISTINCT run_id FROM metric_inbox WHERE \(condition)\(end)", values).map {
            try $0.text("run_id")
        }
    }

    private static func marks(_ count: Int) -> String { (1...max(count, 1)).map { "$\($0)" }.joined(separator: ", ") }

    /// Sorts in some batches of a run.
    ///
    /// - Returns: how many: `batchesMax` if there may be more.
    private static func settle(_ sql: SQLConnection, runID: String) throws -> Int {
        let batches = try rows(sql, ofRuns: [.text(runID)], limit: batchesMax)
        guard let last = batches.last else { return 0 }
        var experimentID: Int64 = 0
        var points: [(point: MetricPoint, loggedAt: Timestamp)] = []
        for row in batches {
            experimentID = try row.integer("experiment_id")
            let loggedAt = Timestamp(milliseconds: try row.integer("logged_at"))
            points += try MetricBatch.decode(try row.blob("points")).map { ($0, loggedAt) }
        }
        try RunStore.insert(sql, runID: runID, experimentID: experimentID, points)
        // These and no others: on PostgreSQL one that was not seen may have come in before them.
        var done = try batches.map { SQLValue.integer(try $0.integer("batch")) }
        done += repeatElement(.integer(try last.integer("batch")), count: batchesMax - done.count)
        try sql.execute("DELETE FROM metric_inbox WHERE batch IN (\(marks(batchesMax)))", done)
        return batches.count
    }

    private static func rows(_ sql: SQLConnection, ofRuns ids: [SQLValue], limit: Int?) throws -> [SQLRow] {
        let end = limit.map { " LIMIT \($0)" } ?? ""
        return try sql.rows(
            """
            SELECT batch, run_id, experiment_id, logged_at, points FROM metric_inbox
            WHERE run_id IN (\(marks(ids.count))) ORDER BY batch\(end)
            """, ids)
    }

    // MARK: batches are read

    /// The points that wait, by run.
    static func points(_ sql: SQLConnection, ofRuns ids: [SQLValue]) throws -> [String: [MetricPoint]] {
        var points: [String: [MetricPoint]] = [:]
        for row in try rows(sql, ofRuns: ids, limit: nil) {
            points[try row.text("run_id"), default: []] += try MetricBatch.decode(try row.blob("points"))
        }
        return points
    }
}
