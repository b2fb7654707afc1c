/// What a detector says after a value.
public enum DriftSignal: String, Sendable, Hashable, Codable {
    case none
    /// A change may be coming; not every detector gives it.
    case warning
    case drift
}
