extension AuditEvent {
    /// The hash that the first event of a chain follows.
    public static let genesisHash = String(repeating: "0", count: 64)

    /// The text over whose UTF-8 bytes `hash` is the SHA-256: this event without `hash`, as canonical JSON.
    public var canonicalText: String {
        JSONValue.object([
            "action": .string(action), "actor_id": .string(actorID), "actor_name": .string(actorName), "after": after,
            "before": before, "previous_hash": .string(previousHash), "sequence": .int(sequence),
            "subject": .string(subject), "time": .int(time.milliseconds),
        ]).canonicalText
    }
}
