public import Domain

/// Brings the index by which runs are found by metric value after the values.
///
/// To move an index entry with every logged point would cost three times the point itself. So a point marks its run as pending, a
/// search looks at pending runs one by one, and here the index follows once a run has been pending for a while.
public struct MetricIndex: Sendable {
    /// How long a run stays pending, so that a run that logs all the time is indexed anew only so often.
    static let pendingMilliseconds: Int64 = 5_000
    /// Runs of one transaction, so that no other write waits long.
    static let runsMax = 200

    let database: Database
    let clock: any WallClock

    public init(database: Database, clock: any WallClock) {
        self.database = database
        self.clock = clock
    }

    /// Marks a run whose latest metrics have changed.
    static func markPending(_ sql: SQLConnection, runID: String, experimentID: Int64, at now: Timestamp) throws {
        try sql.execute(
            """
            INSERT INTO metric_index_pending (run_id, experiment_id, since) VALUES ($1, $2, $3)
            ON CONFLICT (run_id) DO NOTHING
            """, [.text(runID), .integer(experimentID), .integer(now.milliseconds)])
    }

    /// Indexes some of the runs that have been pending long enough, oldest first.
    ///
    /// - Parameter everything: those that have not, too.
    /// - Returns: whether there may be more.
    public func followSome(everything: Bool = false) async throws -> Bool {
        let before = everything ? Int64.max : clock.now().milliseconds - Self.pendingMilliseconds
        let isAnyDue = try await database.read { sql in
            try sql.row("SELECT run_id FROM metric_index_pending WHERE since <= $1 LIMIT 1", [.integer(before)]) != nil
        }
        guard isAnyDue else { return false }
        return try await database.write { sql in
            let due = try sql.rows(
                "SELECT run_id FROM metric_index_pending WHERE since <= $1 ORDER BY since LIMIT $2",
                [.integer(before), .integer(Self.runsMax)])
            for row in due {
                let run = SQLValue.text(try row.text("run_id"))
                try sql.execute(
                    """
                    UPDATE latest_metrics SET indexed_value = CASE WHEN is_nan = 0 THEN value END
                    WHERE run_id = $1 AND indexed_value IS DISTINCT FROM (CASE WHEN is_nan = 0 THEN value END)
                    """, [run])
                try sql.execute("DELETE FROM metric_index_pending WHERE run_id = $1", [run])
            }
            return due.count == Self.runsMax
        }
    }
}
