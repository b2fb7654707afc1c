/// One link of the audit chain.
public struct AuditEvent: Sendable, Hashable, Codable {
    /// 1, 2, 3 … without gaps within the stream.
    public var sequence: Int64
    public var time: Timestamp
    public var actorID: String
    public var actorName: String
    public var action: String
    public var subject: String
    public var before: JSONValue
    public var after: JSONValue
    /// SHA-256, lower-case hex, of the link before; 64 zeros for the first.
    public var previousHash: String
    /// SHA-256, lower-case hex, over this link's canonical bytes with `previousHash`.
    public var hash: String

    public init(
        sequence: Int64, time: Timestamp, actorID: String, actorName: String, action: String, subject: String,
        before: JSONValue, after: JSONValue, previousHash: String, hash: String
    ) {
        self.sequence = sequence
        self.time = time
        self.actorID = actorID
        self.actorName = actorName
        self.action = action
        self.subject = subject
        self.before = before
        self.after = after
        self.previousHash = previousHash
        self.hash = hash
    }

    enum CodingKeys: String, CodingKey {
        case sequence, time, action, subject, before, after, hash
        case actorID = "actor_id"
        case actorName = "actor_name"
        case previousHash = "previous_hash"
    }
}
