internal import Crypto
public import Domain

internal import struct Foundation.Data

extension SQLConnection {
    /// Appends one governing change to the audit chain, in this transaction: it is there if and only if the change is.
    ///
    /// - Throws: `StorageError`.
    public func appendAudit(_ draft: AuditDraft, at time: Timestamp) throws {
        let last = try row("SELECT sequence, hash FROM audit_events ORDER BY sequence DESC LIMIT 1")
        var event = AuditEvent(
            sequence: try last.map { try $0.integer("sequence") + 1 } ?? 1, time: time,
            actorID: draft.actor.id.rawValue,
            actorName: draft.actor.name, action: draft.action, subject: draft.subject, before: draft.before,
            after: draft.after,
            previousHash: try last?.text("hash") ?? AuditEvent.genesisHash, hash: "")
        event.hash = AuditHash.hash(of: event)
        try execute(
            """
            INSERT INTO audit_events
                (sequence, time, actor_id, actor_name, action, subject, before, after, previous_hash, hash)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            [
                .integer(event.sequence), .integer(event.time.milliseconds), .text(event.actorID),
                .text(event.actorName),
                .text(event.action), .text(event.subject), .text(event.before.canonicalText),
                .text(event.after.canonicalText), .text(event.previousHash), .text(event.hash),
            ])
    }
}

/// How a link of the audit chain is hashed.
enum AuditHash {
    /// SHA-256 over the event's canonical text, lower-case hexadecimal.
    static func hash(of event: AuditEvent) -> String {
        Hex.text(SHA256.hash(data: Data(event.canonicalText.utf8)))
    }
}
