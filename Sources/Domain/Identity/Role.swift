/// What a principal may do. Roles are ordered only where one includes another; `allows` says which.
///
/// - viewer: read everything but secrets, and call inference.
/// - contributor: viewer, and log runs, register versions, send feedback, request approval, apply policies.
/// - approver: viewer, and approve or reject.
/// - operator: viewer, and start, pause, resume and abort rollouts, start retraining, manage endpoints.
/// - administrator: everything, and manage principals and keys.
public enum Role: String, Sendable, Codable, CaseIterable {
    case viewer, contributor, approver, `operator`, administrator

    /// Whether a holder of this role may do what `required` may do.
    public func allows(_ required: Role) -> Bool {
        self == required || self == .administrator || required == .viewer
    }
}
