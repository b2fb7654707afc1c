internal import Crypto
public import Domain

internal import struct Foundation.Data
internal import class Foundation.JSONEncoder

extension SQLConnection {
    /// Appends one governing change to the audit chain, in this transaction: it is there if and only if the change is.
    ///
    /// - Throws: `StorageError`.
    public func appendAudit(_ draft: AuditDraft, at time: Timestamp) throws {
        let last = try row("SELECT sequence, hash FROM audit_events ORDER BY sequence DESC LIMIT 1")
        let sequence = try last.map { try $0.integer("sequence") + 1 } ?? 1
        let previousHash = try last?.text("hash") ?? String(repeating: "0", count: 64)
        let before = try AuditHash.canonical(draft.before)
        let after = try AuditHash.canonical(draft.after)
        let hash = AuditHash.link([
            String(sequence), String(time.milliseconds), draft.actor.id.rawValue, draft.actor.name, draft.action,
            draft.subject, before, after, previousHash,
        ])
        try execute(
            """
            INSERT INTO audit_events
                (sequence, time, actor_id, actor_name, action, subject, before, after, previous_hash, hash)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            [
                .integer(sequence), .integer(time.milliseconds), .text(draft.actor.id.rawValue),
                .text(draft.actor.name),
                .text(draft.action), .text(draft.subject), .text(before), .text(after), .text(previousHash),
                .text(hash),
            ])
    }
}

/// How a link of the audit chain is hashed.
enum AuditHash {
    /// JSON with sorted keys and no white space.
    static func canonical(_ value: JSONValue) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// SHA-256 over the fields, each preceded by its length in bytes, so that no two lists of fields hash alike.
    static func link(_ fields: [String]) -> String {
        var hash = SHA256()
        for field in fields {
            hash.update(data: Data("\(field.utf8.count):".utf8))
            hash.update(data: Data(field.utf8))
        }
        return hash.finalize().map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }
}
