public import Domain

/// Feedback in registry.db: the current word on each row, and the history of corrections.
public struct SQLFeedbackStore: FeedbackStore {
    /// Rows read of one prediction or key, history included.
    static let rowsMax = 10_000

    private let database: Database
    private let cipher: ColumnCipher

    /// - Parameter cipher: encrypts labels, overrides and KPI values.
    public init(database: Database, cipher: ColumnCipher = .off) {
        self.database = database
        self.cipher = cipher
    }

    public func record(_ feedback: [Feedback], by actor: Principal) async throws -> FeedbackReceipt {
        try await database.write { sql in
            var receipt = FeedbackReceipt()
            for entry in feedback {
                switch try apply(entry, by: actor, sql) {
                case .accepted: receipt.accepted += 1
                case .corrected: receipt.corrected += 1
                case .unchanged: receipt.unchanged += 1
                }
            }
            return receipt
        }
    }

    public func feedback(of id: PredictionID) async throws -> [Feedback] {
        try await withHistory(target: Self.target(id))
    }

    public func feedback(endpoint: String, businessKey: String) async throws -> [Feedback] {
        try await withHistory(target: Self.target(endpoint: endpoint, businessKey: businessKey))
    }

    public func newestLabelled(endpoint: String, since: Timestamp, limit: Int) async throws -> [Feedback] {
        try await current("label IS NOT NULL", endpoint: endpoint, since: since, limit: limit)
    }

    public func newestWithKPIs(endpoint: String, since: Timestamp, limit: Int) async throws -> [Feedback] {
        try await current("has_kpis = 1", endpoint: endpoint, since: since, limit: limit)
    }

    private func current(
        _ condition: String, endpoint: String, since: Timestamp, limit: Int
    ) async throws -> [Feedback] {
        try await database.read { sql in
            try sql.rows(
                """
                SELECT endpoint, prediction_id, business_key, row_number, label, override, kpis, time, principal
                FROM feedback WHERE \(condition) AND endpoint = $1 AND time >= $2 ORDER BY time DESC LIMIT $3
                """, [.text(endpoint), .integer(since.milliseconds), .integer(limit)]
            ).map(decoded)
        }
    }

    private func withHistory(target: String) async throws -> [Feedback] {
        try await database.read { sql in
            let rows = try sql.rows(
                """
                SELECT endpoint, prediction_id, business_key, row_number, label, override, kpis, time, principal
                FROM feedback WHERE target = $1
                UNION ALL
                SELECT f.endpoint, f.prediction_id, f.business_key, f.row_number, h.label, h.override, h.kpis, h.time,
                    h.principal
                FROM feedback_history h JOIN feedback f ON f.target = h.target AND f.row_number = h.row_number
                WHERE h.target = $1 LIMIT $2
                """, [.text(target), .integer(Self.rowsMax)])
            return try rows.map(decoded).sorted { ($0.row, $0.time) < ($1.row, $1.time) }
        }
    }

    // MARK: one entry

    private enum Effect { case accepted, corrected, unchanged }

    /// One target column for both ways to name a prediction, so that one key covers both.
    private static func target(_ id: PredictionID) -> String { "p:\(id.rawValue)" }

    private static func target(endpoint: String, businessKey: String) -> String { "b:\(endpoint)\u{1f}\(businessKey)" }

    private static func target(of entry: Feedback) throws -> String {
        if let id = entry.predictionID { return target(id) }
        guard let key = entry.businessKey else {
            throw MartletError.invalid("Feedback needs a prediction id or a business key.")
        }
        return target(endpoint: entry.endpoint, businessKey: key)
    }

    private func apply(_ entry: Feedback, by actor: Principal, _ sql: SQLConnection) throws -> Effect {
        let target = try Self.target(of: entry)
        let found = try sql.row(
            """
            SELECT endpoint, prediction_id, business_key, row_number, label, override, kpis, time, principal
            FROM feedback WHERE target = $1 AND row_number = $2
            """, [.text(target), .integer(entry.row)])
        guard let found else {
            try insert(entry, target, sql)
            try Self.audit(entry, before: nil, by: actor, sql)
            return .accepted
        }
        let before = try decoded(found)
        var merged = before
        merged.label = entry.label ?? before.label
        merged.override = entry.override ?? before.override
        merged.kpis.merge(entry.kpis) { _, new in new }
        guard merged != before else { return .unchanged }
        merged.time = entry.time
        merged.principal = entry.principal
        try keep(before, target, replacedAt: entry.time, sql)
        try update(merged, target, sql)
        if merged.override != before.override {
            try Self.audit(entry, before: before.override, by: actor, sql)
        }
        return .corrected
    }

    /// A person's decision in the model's place is a governing change; labels and figures are not.
    private static func audit(_ entry: Feedback, before: String?, by actor: Principal, _ sql: SQLConnection) throws {
        guard let override = entry.override else { return }
        let subject =
            entry.predictionID.map { "predictions/\($0.rawValue)" } ?? "endpoints/\(entry.endpoint)/predictions"
        try sql.appendAudit(
            AuditDraft(
                actor: actor, action: "prediction.override", subject: subject,
                before: before.map { ["row": .int(Int64(entry.row)), "override": .string($0)] } ?? .null,
                after: ["row": .int(Int64(entry.row)), "override": .string(override)]),
            at: entry.time)
    }

    private func insert(_ entry: Feedback, _ target: String, _ sql: SQLConnection) throws {
        let values = try sealed(entry, target)
        try sql.execute(
            """
            INSERT INTO feedback (target, row_number, endpoint, prediction_id, business_key, label, override, kpis,
                has_kpis, time, principal)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            [
                .text(target), .integer(entry.row), .text(entry.endpoint), .text(entry.predictionID?.rawValue),
                .text(entry.businessKey), values.label, values.override, values.kpis, .bool(!entry.kpis.isEmpty),
                .integer(entry.time.milliseconds), .text(entry.principal),
            ])
    }

    private func update(_ entry: Feedback, _ target: String, _ sql: SQLConnection) throws {
        let values = try sealed(entry, target)
        try sql.execute(
            """
            UPDATE feedback SET label = $3, override = $4, kpis = $5, has_kpis = $6, time = $7, principal = $8
            WHERE target = $1 AND row_number = $2
            """,
            [
                .text(target), .integer(entry.row), values.label, values.override, values.kpis,
                .bool(!entry.kpis.isEmpty),
                .integer(entry.time.milliseconds), .text(entry.principal),
            ])
    }

    private func keep(
        _ before: Feedback, _ target: String, replacedAt: Timestamp, _ sql: SQLConnection
    ) throws {
        let values = try sealed(before, target)
        try sql.execute(
            """
            INSERT INTO feedback_history (target, row_number, label, override, kpis, time, principal, replaced_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                .text(target), .integer(before.row), values.label, values.override, values.kpis,
                .integer(before.time.milliseconds), .text(before.principal),
                .integer(replacedAt.milliseconds),
            ])
    }

    private func decoded(_ row: SQLRow) throws -> Feedback {
        var feedback = Feedback(
            predictionID: try row.optionalText("prediction_id").map(PredictionID.init(rawValue:)),
            businessKey: try row.optionalText("business_key"), endpoint: try row.text("endpoint"),
            row: try row.int("row_number"), label: nil, override: nil, kpis: [:],
            time: Timestamp(milliseconds: try row.integer("time")), principal: try row.text("principal"))
        let target = try Self.target(of: feedback)
        func place(_ column: String) -> ColumnPlace { Self.place(column, target, feedback.row) }
        feedback.label = try cipher.open(try row.optionalText("label"), in: place("label"))
        feedback.override = try cipher.open(try row.optionalText("override"), in: place("override"))
        let kpis: String = try cipher.open(try row.text("kpis"), in: place("kpis"))
        feedback.kpis = try JSONDocument.value([String: Double].self, kpis)
        return feedback
    }

    /// The values that may name or describe a person, as they are stored. A correction moves them into the history, so that both
    /// tables have one place for a value.
    private func sealed(_ entry: Feedback, _ target: String) throws -> (
        label: SQLValue, override: SQLValue, kpis: SQLValue
    ) {
        func place(_ column: String) -> ColumnPlace { Self.place(column, target, entry.row) }
        let kpis: String = try cipher.seal(try JSONDocument.text(entry.kpis), in: place("kpis"))
        return (
            .text(try cipher.seal(entry.label, in: place("label"))),
            .text(try cipher.seal(entry.override, in: place("override"))), .text(kpis)
        )
    }

    static func place(_ column: String, _ target: String, _ row: Int) -> ColumnPlace {
        ColumnPlace(column: "feedback.\(column)", row: "\(target)\u{1f}\(row)")
    }
}
