public import Domain

/// Reads the history of registered models: what changed, and how it stood at a moment.
///
/// A history belongs to one model from its registration to its deletion, through all its names. A name that was given anew
/// never shows the history of the model that had it before.
public struct RegistryHistory: Sendable {
    /// Entries of one page at most.
    public static let pageMax = 1_000
    /// What can stand at one moment at most: it is one answer.
    public static let momentItemsMax = 10_000

    let database: Database

    public init(database: Database) {
        self.database = database
    }

    /// Entries, newest first.
    ///
    /// - Parameters:
    ///   - model: of the model that has this name now; if none has, of the one that had it last.
    ///   - before: only entries before this id; nil begins at the newest.
    ///   - limit: 1…1,000.
    /// - Throws: `notFound` if no model ever had that name.
    public func changes(
        of model: String, matching query: RegistryHistoryQuery = RegistryHistoryQuery(), before: Int64? = nil,
        limit: Int
    ) async throws -> [RegistryChange] {
        try await database.read { sql in
            guard let name = try Self.bearer(sql, model) else { throw Self.unknown(model) }
            var values: [SQLValue] = [.integer(name.subject), .integer(before ?? .max)]
            let conditions = Self.conditions(query, &values)
            values.append(.integer(min(max(limit, 1), Self.pageMax)))
            return try sql.rows(
                """
                SELECT h.* FROM registry_history h WHERE h.subject = $1 AND h.id < $2\(conditions)
                ORDER BY h.id DESC LIMIT $\(values.count)
                """, values
            ).map(Self.change)
        }
    }

    /// What stood at a moment.
    ///
    /// - Parameter model: of the model that had this name at that moment; if none had, of the one that has it now, which
    ///   may have been called otherwise then.
    /// - Throws: `notFound` if there was no such model then; `failedPrecondition` for a moment before the history begins, or
    ///   for more than 10,000 items.
    public func moment(
        of model: String, at time: Timestamp, matching query: RegistryHistoryQuery = RegistryHistoryQuery()
    ) async throws -> RegistryMoment {
        try await database.read { sql in
            let name = try Self.bearer(sql, model, at: time)
            let begin = try sql.row(
                "SELECT time, origin FROM registry_history WHERE subject = $1 ORDER BY id LIMIT 1",
                [.integer(name.subject)])
            let beginsAt = Timestamp(milliseconds: try begin?.integer("time") ?? name.beganAt.milliseconds)
            guard time >= beginsAt else {
                let isKnown = try begin?.text("origin") == RegistryChange.Origin.change.rawValue
                throw isKnown
                    ? MartletError.notFound("There was no registered model named \(model) at that time.")
                    : MartletError.precondition(
                        "The history of \(model) begins later than that (at \(beginsAt.milliseconds) ms since 1970). What was before is not recorded here."
                    )
            }
            var values: [SQLValue] = [.integer(name.subject), .integer(time.milliseconds)]
            let conditions = Self.conditions(query, &values)
            let rows = try sql.rows(Self.momentStatement(conditions), values)
            guard rows.count <= Self.momentItemsMax else {
                throw MartletError.precondition(
                    "More than \(Self.momentItemsMax) things stood then. Ask for one kind, key or version.")
            }
            return RegistryMoment(
                name: name.nameThen, at: time, beginsAt: beginsAt, items: try rows.map(Self.change))
        }
    }

    /// The last entry about each thing; of deleted versions nothing.
    private static func momentStatement(_ conditions: String) -> String {
        """
        WITH latest AS (
            SELECT * FROM (
                SELECT p.*, ROW_NUMBER() OVER (PARTITION BY kind, version, key ORDER BY id DESC) AS place
                FROM registry_history p WHERE subject = $1 AND time <= $2
            ) AS ranked WHERE place = 1 AND value IS NOT NULL)
        SELECT h.* FROM latest h
        WHERE (h.version = 0
            OR EXISTS (SELECT 1 FROM latest v WHERE v.kind = 'version' AND v.version = h.version))\(conditions)
        ORDER BY h.kind, h.version, h.key LIMIT \(momentItemsMax + 1)
        """
    }

    // MARK: names

    private struct Bearer {
        var subject: Int64
        var nameThen: String
        var beganAt: Timestamp
    }

    /// Who bears a name now, or bore it last.
    private static func bearer(_ sql: SQLConnection, _ name: String) throws -> Bearer? {
        try sql.row(
            """
            SELECT subject, name, began_at FROM registered_model_names WHERE name = $1
            ORDER BY CASE WHEN ended_at IS NULL THEN 0 ELSE 1 END, began_entry DESC LIMIT 1
            """, [.text(name)]
        ).map(bearer)
    }

    private static func bearer(_ sql: SQLConnection, _ name: String, at time: Timestamp) throws -> Bearer {
        let then = try sql.row(
            """
            SELECT subject, name, began_at FROM registered_model_names
            WHERE name = $1 AND began_at <= $2 AND (ended_at IS NULL OR ended_at > $2)
            ORDER BY began_entry DESC LIMIT 1
            """, [.text(name), .integer(time.milliseconds)])
        if let then { return try bearer(then) }
        let now = try sql.row(
            "SELECT subject, name, began_at FROM registered_model_names WHERE name = $1 AND ended_at IS NULL",
            [.text(name)])
        guard var found = try now.map(bearer) else {
            guard try bearer(sql, name) != nil else { throw unknown(name) }
            throw MartletError.notFound("There was no registered model named \(name) at that time.")
        }
        let called = try sql.row(
            """
            SELECT name FROM registered_model_names WHERE subject = $1 AND began_at <= $2
            ORDER BY began_entry DESC LIMIT 1
            """, [.integer(found.subject), .integer(time.milliseconds)])
        if let called { found.nameThen = try called.text("name") }
        return found
    }

    private static func bearer(_ row: SQLRow) throws -> Bearer {
        Bearer(
            subject: try row.integer("subject"), nameThen: try row.text("name"),
            beganAt: Timestamp(milliseconds: try row.integer("began_at")))
    }

    private static func unknown(_ model: String) -> MartletError {
        .notFound("There is no registered model named \(model), and there was none since histories are kept.")
    }

    // MARK: entries

    private static func conditions(_ query: RegistryHistoryQuery, _ values: inout [SQLValue]) -> String {
        var text = ""
        func add(_ column: String, _ value: SQLValue) {
            values.append(value)
            text += " AND h.\(column) = $\(values.count)"
        }
        if let kind = query.kind { add("kind", .text(kind.rawValue)) }
        if let key = query.key { add("key", .text(key)) }
        if let version = query.version { add("version", .integer(version)) }
        return text
    }

    private static func change(_ row: SQLRow) throws -> RegistryChange {
        guard let kind = RegistryChange.Kind(rawValue: try row.text("kind")),
            let origin = RegistryChange.Origin(rawValue: try row.text("origin"))
        else { throw StorageError(.decoding, "A history entry has an unknown kind or origin.") }
        let version = try row.int("version")
        return RegistryChange(
            id: try row.integer("id"), kind: kind, key: try row.text("key"), version: version == 0 ? nil : version,
            value: try row.optionalText("value"), previous: try row.optionalText("previous"),
            time: Timestamp(milliseconds: try row.integer("time")), actorID: try row.text("actor_id"),
            actorName: try row.text("actor_name"), origin: origin)
    }
}
