public import Domain

internal import struct Foundation.Data
internal import class Foundation.JSONDecoder

/// Reads the audit chain. Only `SQLConnection.appendAudit` adds to it, inside the transaction of the change.
public struct AuditStore: AuditReading {
    public static let pageMax = 1_000

    let database: Database

    public init(database: Database) {
        self.database = database
    }

    public func auditEvents(matching filter: AuditFilter, before: Int64?, limit: Int) async throws -> [AuditEvent] {
        guard (1...Self.pageMax).contains(limit) else {
            throw MartletError.invalid("A page has 1 to \(Self.pageMax) events.", field: "max_results")
        }
        return try await database.read { sql in
            try sql.rows(
                """
                SELECT * FROM audit_events
                WHERE sequence < $1 AND (actor_name = $2 OR $2 IS NULL)
                    AND (substr(action, 1, length($3)) = $3 OR $3 IS NULL)
                    AND (substr(subject, 1, length($4)) = $4 OR $4 IS NULL)
                ORDER BY sequence DESC LIMIT $5
                """,
                [
                    .integer(before ?? .max), .text(filter.actorName), .text(filter.actionPrefix),
                    .text(filter.subjectPrefix),
                    .integer(limit),
                ]
            ).map(AuditEvent.init)
        }
    }

    /// The newest event; nil while there is none.
    public func last() async throws -> AuditEvent? {
        try await auditEvents(matching: AuditFilter(), before: nil, limit: 1).first
    }

    /// Events in the order of the chain, beginning after `sequence`.
    public func events(after sequence: Int64, through last: Int64, limit: Int = pageMax) async throws -> [AuditEvent] {
        try await database.read { sql in
            try sql.rows(
                "SELECT * FROM audit_events WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence LIMIT $3",
                [.integer(sequence), .integer(last), .integer(min(limit, Self.pageMax))]
            ).map(AuditEvent.init)
        }
    }

    /// Signed checkpoints in order, beginning after `sequence`.
    public func checkpoints(after sequence: Int64, through last: Int64, limit: Int = pageMax) async throws
        -> [AuditCheckpoint]
    {
        try await database.read { sql in
            try sql.rows(
                "SELECT * FROM audit_checkpoints WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence LIMIT $3",
                [.integer(sequence), .integer(last), .integer(min(limit, Self.pageMax))]
            ).map(AuditCheckpoint.init)
        }
    }

    public func lastCheckpoint() async throws -> AuditCheckpoint? {
        try await database.read { sql in
            try sql.row("SELECT * FROM audit_checkpoints ORDER BY sequence DESC LIMIT 1").map(AuditCheckpoint.init)
        }
    }

    /// Signs how far the chain has come, unless the last checkpoint says so already.
    ///
    /// - Returns: the checkpoint that covers the newest event; nil while there is no event.
    public func checkpoint(signer: AuditSigner, at now: Timestamp) async throws -> AuditCheckpoint? {
        try await database.write { sql in
            guard
                let last = try sql.row("SELECT * FROM audit_events ORDER BY sequence DESC LIMIT 1").map(AuditEvent.init)
            else {
                return nil
            }
            let row = try sql.row("SELECT * FROM audit_checkpoints WHERE sequence = $1", [.integer(last.sequence)])
            if let existing = try row.map(AuditCheckpoint.init), existing.publicKey == signer.publicKey {
                return existing
            }
            let checkpoint = try signer.sign(sequence: last.sequence, hash: last.hash, at: now)
            try sql.execute(
                """
                INSERT INTO audit_checkpoints (sequence, hash, time, public_key, signature) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (sequence) DO UPDATE SET hash = $2, time = $3, public_key = $4, signature = $5
                """,
                [
                    .integer(checkpoint.sequence), .text(checkpoint.hash), .integer(checkpoint.time.milliseconds),
                    .text(checkpoint.publicKey), .text(checkpoint.signature),
                ])
            return checkpoint
        }
    }

    /// Appends one event on its own, for acts that change no other table (an export, say).
    public func append(_ draft: AuditDraft, at now: Timestamp) async throws {
        try await database.write { sql in try sql.appendAudit(draft, at: now) }
    }
}

extension AuditEvent {
    init(_ row: SQLRow) throws {
        self.init(
            sequence: try row.integer("sequence"), time: Timestamp(milliseconds: try row.integer("time")),
            actorID: try row.text("actor_id"), actorName: try row.text("actor_name"), action: try row.text("action"),
            subject: try row.text("subject"), before: try Self.state(row.text("before")),
            after: try Self.state(row.text("after")),
            previousHash: try row.text("previous_hash"), hash: try row.text("hash"))
    }

    private static func state(_ text: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }
}

extension AuditCheckpoint {
    init(_ row: SQLRow) throws {
        self.init(
            sequence: try row.integer("sequence"), hash: try row.text("hash"),
            time: Timestamp(milliseconds: try row.integer("time")), publicKey: try row.text("public_key"),
            signature: try row.text("signature"))
    }
}
