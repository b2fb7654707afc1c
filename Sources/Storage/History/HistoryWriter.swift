internal import Domain

/// Writes the history of the registry, in the transaction of the change itself: it is there if and only if the change is.
struct HistoryWriter {
    let sql: SQLConnection
    let actor: Principal
    let time: Timestamp
    var origin = RegistryChange.Origin.change

    /// A model was registered: a subject of its own begins, even under a name that another had.
    func begin(_ name: String) throws {
        let row = try sql.row(
            """
            UPDATE registry_history_counters SET last_subject = last_subject + 1 WHERE only_row = 1
            RETURNING last_subject
            """)
        guard let subject = try row?.integer("last_subject") else { throw Self.missingCounter }
        let entry = try append(subject: subject, .name, key: "", version: 0, value: name, previous: nil)
        try call(subject, name, from: entry)
    }

    /// The model goes on under another name, and its history with it.
    func rename(_ name: String, to newName: String) throws {
        let subject = try subject(of: name)
        let entry = try append(subject: subject, .name, key: "", version: 0, value: newName, previous: name)
        try endName(of: subject)
        try call(subject, newName, from: entry)
    }

    /// The model was deleted, and with it all that it had.
    func end(_ name: String) throws {
        let subject = try subject(of: name)
        _ = try append(subject: subject, .name, key: "", version: 0, value: nil, previous: name)
        try endName(of: subject)
    }

    /// Notes a new value, or nil for its removal; what does not change is not noted.
    func record(
        _ kind: RegistryChange.Kind, of model: String, key: String = "", version: Int? = nil, value: String?
    ) throws {
        let subject = try subject(of: model)
        let previous = try sql.row(
            """
            SELECT value FROM registry_history WHERE subject = $1 AND kind = $2 AND version = $3 AND key = $4
            ORDER BY id DESC LIMIT 1
            """,
            [.integer(subject), .text(kind.rawValue), .integer(version ?? 0), .text(key)])?.optionalText("value")
        guard previous != value else { return }
        _ = try append(subject: subject, kind, key: key, version: version ?? 0, value: value, previous: previous)
    }

    /// The origin of the newest entry about something; nil if there is none.
    func newestOrigin(
        _ kind: RegistryChange.Kind, of model: String, key: String, version: Int? = nil
    ) throws -> RegistryChange.Origin? {
        try sql.row(
            """
            SELECT origin FROM registry_history WHERE subject = $1 AND kind = $2 AND version = $3 AND key = $4
            ORDER BY id DESC LIMIT 1
            """, [.integer(try subject(of: model)), .text(kind.rawValue), .integer(version ?? 0), .text(key)]
        ).map { RegistryChange.Origin(rawValue: try $0.text("origin")) ?? .change }
    }

    private func append(
        subject: Int64, _ kind: RegistryChange.Kind, key: String, version: Int, value: String?, previous: String?
    ) throws -> Int64 {
        let row = try sql.row(
            "UPDATE registry_history_counters SET last_entry = last_entry + 1 WHERE only_row = 1 RETURNING last_entry")
        guard let id = try row?.integer("last_entry") else { throw Self.missingCounter }
        try sql.execute(
            """
            INSERT INTO registry_history
                (id, subject, kind, key, version, value, previous, time, actor_id, actor_name, origin)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            [
                .integer(id), .integer(subject), .text(kind.rawValue), .text(key), .integer(version), .text(value),
                .text(previous), .integer(time.milliseconds), .text(actor.id.rawValue), .text(actor.name),
                .text(origin.rawValue),
            ])
        return id
    }

    private func call(_ subject: Int64, _ name: String, from entry: Int64) throws {
        try sql.execute(
            "INSERT INTO registered_model_names (subject, name, began_entry, began_at) VALUES ($1, $2, $3, $4)",
            [.integer(subject), .text(name), .integer(entry), .integer(time.milliseconds)])
    }

    private func endName(of subject: Int64) throws {
        try sql.execute(
            "UPDATE registered_model_names SET ended_at = $2 WHERE subject = $1 AND ended_at IS NULL",
            [.integer(subject), .integer(time.milliseconds)])
    }

    private func subject(of name: String) throws -> Int64 {
        let row = try sql.row(
            "SELECT subject FROM registered_model_names WHERE name = $1 AND ended_at IS NULL", [.text(name)])
        guard let row else { throw StorageError(.decoding, "A registered model has no history.") }
        return try row.integer("subject")
    }

    private static let missingCounter = StorageError(.decoding, "The counters of the registry's history are missing.")
}
