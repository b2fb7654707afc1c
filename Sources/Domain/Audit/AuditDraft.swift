/// A governing change about to be made, as the store that makes it appends it to the audit chain in the same transaction.
public struct AuditDraft: Sendable {
    public var actor: Principal
    /// Verb and noun with a dot, for example `alias.set`, `policy.apply`, `rollout.promote`.
    public var action: String
    /// What it was done to, for example `models/churn/versions/3`.
    public var subject: String
    /// The state before; null where there was none. Never secrets.
    public var before: JSONValue
    /// The state after; null where it was deleted.
    public var after: JSONValue

    public init(actor: Principal, action: String, subject: String, before: JSONValue = .null, after: JSONValue = .null)
    {
        self.actor = actor
        self.action = action
        self.subject = subject
        self.before = before
        self.after = after
    }
}
