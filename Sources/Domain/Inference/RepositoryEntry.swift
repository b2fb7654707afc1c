/// One version that the data plane was told to serve.
public struct RepositoryEntry: Sendable, Hashable {
    public var id: ModelVersionID
    /// Why it cannot be served; nil if it is ready.
    public var reason: String?

    public init(id: ModelVersionID, reason: String? = nil) {
        self.id = id
        self.reason = reason
    }

    public var isReady: Bool { reason == nil }
}
