public import Domain

/// Predictions of each row in observations.db, waiting for their labels.
public struct SQLOutcomeStore: OutcomeStore {
    /// Ids or keys in one statement.
    public static let keysMax = 500
    /// Rows read for one chunk of ids or keys.
    static let rowsMax = 50_000
    /// Rows of one transaction, so that a large flush does not hold up the queue behind it.
    static let rowsPerWrite = 2_000

    private let database: Database

    public init(database: Database) {
        self.database = database
    }

    public func append(_ outcomes: [PredictionOutcome]) async throws {
        for start in stride(from: 0, to: outcomes.count, by: Self.rowsPerWrite) {
            let part = outcomes[start..<min(start + Self.rowsPerWrite, outcomes.count)]
            try await database.write { sql in for outcome in part { try Self.insert(outcome, sql) } }
        }
    }

    public func outcomes(of ids: [PredictionID]) async throws -> [PredictionOutcome] {
        try await outcomes("prediction_id IN", ids.map { .text($0.rawValue) }, and: "", [])
    }

    public func outcomes(endpoint: String, businessKeys: [String]) async throws -> [PredictionOutcome] {
        try await outcomes(
            "business_key IN", businessKeys.map { .text($0) }, and: "AND endpoint = $\(businessKeys.count + 1)",
            [.text(endpoint)])
    }

    public func pruneOutcomes(before: Timestamp) async throws -> Int {
        try await database.write { sql in
            try sql.execute("DELETE FROM outcomes WHERE time < $1", [.integer(before.milliseconds)])
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

    private static func outcome(_ row: SQLRow) throws -> PredictionOutcome {
        guard let role = Variant.Role(rawValue: try row.text("role")) else {
            throw StorageError(.decoding, "An outcome has an unknown role.")
        }
        return PredictionOutcome(
            predictionID: PredictionID(rawValue: try row.text("prediction_id")), row: try row.int("row_number"),
            endpoint: try row.text("endpoint"), version: try row.int("version"), role: role,
            time: Timestamp(milliseconds: try row.integer("time")), predicted: try row.text("predicted"),
            score: try row.optionalReal("score"), businessKey: try row.optionalText("business_key"))
    }
}
