public import Domain

/// Predictions of each row in observations.db, waiting for their labels.
///
/// Those whose request carried a business key are rows, found by key and by id. All others are in blocks, found by the time that their id
/// states.
public struct SQLOutcomeStore: OutcomeStore {
    /// Ids or keys in one statement.
    public static let keysMax = 500
    /// Rows read for one chunk of ids or keys.
    static let rowsMax = 50_000
    /// Rows of one transaction, so that a large flush does not hold up the queue behind it.
    static let rowsPerWrite = 2_000
    /// Blocks of one transaction: some 4 MB.
    static let blocksPerWrite = 64

    private let database: Database
    private let timeOf: @Sendable (PredictionID) -> Timestamp?

    /// - Parameter timeOf: the time that a prediction's id states, which must be its outcomes'; nil for ids that are none of ours.
    public init(database: Database, timeOf: @escaping @Sendable (PredictionID) -> Timestamp?) {
        self.database = database
        self.timeOf = timeOf
    }

    public func append(_ outcomes: [PredictionOutcome]) async throws {
        let keyed = outcomes.filter { $0.businessKey != nil }
        for start in stride(from: 0, to: keyed.count, by: Self.rowsPerWrite) {
            let part = keyed[start..<min(start + Self.rowsPerWrite, keyed.count)]
            try await database.write { sql in for outcome in part { try Self.insert(outcome, sql) } }
        }
        let blocks = OutcomeBlock.blocks(of: outcomes)
        for start in stride(from: 0, to: blocks.count, by: Self.blocksPerWrite) {
            let part = blocks[start..<min(start + Self.blocksPerWrite, blocks.count)]
            try await database.write { sql in for block in part { try Self.insert(block, sql) } }
        }
    }

    public func outcomes(of ids: [PredictionID]) async throws -> [PredictionOutcome] {
        let rows = try await outcomes("prediction_id IN", ids.map { .text($0.rawValue) }, and: "", [])
        let wanted = Set(ids)
        let times = Set(ids.compactMap(timeOf)).sorted()
        let inBlocks = try await database.read { sql in
            var found: [PredictionOutcome] = []
            for time in times {
                for block in try Self.blocks(around: time, sql) { found += try block.outcomes(of: wanted) }
            }
            return found
        }
        // A block whose writing was tried again after it had succeeded is there twice.
        return rows + Set(inBlocks)
    }

    public func outcomes(endpoint: String, businessKeys: [String]) async throws -> [PredictionOutcome] {
        try await outcomes(
            "business_key IN", businessKeys.map { .text($0) }, and: "AND endpoint = $\(businessKeys.count + 1)",
            [.text(endpoint)])
    }

    public func pruneOutcomes(before: Timestamp) async throws -> Int {
        try await database.write { sql in
            let time = [SQLValue.integer(before.milliseconds)]
            let inBlocks =
                try sql.row(
                    "SELECT CAST(SUM(row_count) AS BIGINT) AS total FROM outcome_blocks WHERE last_at < $1", time)?
                .optionalInteger("total") ?? 0
            try sql.execute("DELETE FROM outcome_blocks WHERE last_at < $1", time)
            return try sql.execute("DELETE FROM outcomes WHERE time < $1", time) + Int(inBlocks)
        }
    }

    private func outcomes(
        _ condition: String, _ keys: [SQLValue], and more: String, _ values: [SQLValue]
    ) async throws -> [PredictionOutcome] {
        guard !keys.isEmpty else { return [] }
        guard keys.count <= Self.keysMax else {
            throw MartletError.invalid("At most \(Self.keysMax) ids or keys are looked up at once.")
        }
        let list = (1...keys.count).map { "$\($0)" }.joined(separator: ", ")
        return try await database.read { sql in
            try sql.rows(
                """
                SELECT prediction_id, row_number, endpoint, version, role, time, predicted, score, business_key
                FROM outcomes WHERE \(condition) (\(list)) \(more) ORDER BY time DESC LIMIT \(Self.rowsMax)
                """, keys + values
            ).map(Self.outcome)
        }
    }

    private static func insert(_ outcome: PredictionOutcome, _ sql: SQLConnection) throws {
        try sql.execute(
            """
            INSERT INTO outcomes (prediction_id, row_number, endpoint, version, role, time, predicted, score, business_key)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (prediction_id, row_number) DO NOTHING
            """,
            [
                .text(outcome.predictionID.rawValue), .integer(outcome.row), .text(outcome.endpoint),
                .integer(outcome.version), .text(outcome.role.rawValue), .integer(outcome.time.milliseconds),
                .text(outcome.predicted), .real(outcome.score), .text(outcome.businessKey),
            ])
    }

    private static func insert(_ block: OutcomeBlock, _ sql: SQLConnection) throws {
        try sql.execute(
            """
            INSERT INTO outcome_blocks (endpoint, version, role, first_at, last_at, row_count, body)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [
                .text(block.endpoint), .integer(block.version), .text(block.role.rawValue),
                .integer(block.first.milliseconds), .integer(block.last.milliseconds), .integer(block.rowCount),
                .blob(block.body),
            ])
    }

    /// The blocks that may hold outcomes of one moment.
    private static func blocks(around time: Timestamp, _ sql: SQLConnection) throws -> [OutcomeBlock] {
        try sql.rows(
            """
            SELECT endpoint, version, role, first_at, last_at, row_count, body FROM outcome_blocks
            WHERE first_at BETWEEN $1 AND $2 AND last_at >= $2
            """,
            [.integer(time.milliseconds - OutcomeBlock.millisecondsMax), .integer(time.milliseconds)]
        ).map { row in
            OutcomeBlock(
                endpoint: try row.text("endpoint"), version: try row.int("version"), role: try role(row),
                first: Timestamp(milliseconds: try row.integer("first_at")),
                last: Timestamp(milliseconds: try row.integer("last_at")), rowCount: try row.int("row_count"),
                body: try row.blob("body"))
        }
    }

    private static func role(_ row: SQLRow) throws -> Variant.Role {
        guard let role = Variant.Role(rawValue: try row.text("role")) else {
            throw StorageError(.decoding, "An outcome has an unknown role.")
        }
        return role
    }

    private static func outcome(_ row: SQLRow) throws -> PredictionOutcome {
        PredictionOutcome(
            predictionID: PredictionID(rawValue: try row.text("prediction_id")), row: try row.int("row_number"),
            endpoint: try row.text("endpoint"), version: try row.int("version"), role: try role(row),
            time: Timestamp(milliseconds: try row.integer("time")), predicted: try row.text("predicted"),
            score: try row.optionalReal("score"), businessKey: try row.optionalText("business_key"))
    }
}
