/// The port through which pages and exports read the audit chain.
public protocol AuditReading: Sendable {
    /// Newest first.
    ///
    /// - Parameters:
    ///   - filter: which events.
    ///   - before: only events with a smaller sequence; nil starts at the newest.
    ///   - limit: 1 to 1000 events.
    func auditEvents(matching filter: AuditFilter, before: Int64?, limit: Int) async throws -> [AuditEvent]
}

/// Which audit events are wanted; nil wants all.
public struct AuditFilter: Sendable, Hashable {
    public var actorName: String?
    /// The beginning of the action, for example `rollout.`.
    public var actionPrefix: String?
    /// The beginning of the subject, for example `models/churn`.
    public var subjectPrefix: String?

    public init(actorName: String? = nil, actionPrefix: String? = nil, subjectPrefix: String? = nil) {
        self.actorName = actorName
        self.actionPrefix = actionPrefix
        self.subjectPrefix = subjectPrefix
    }
}
