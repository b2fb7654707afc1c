/// One version that the data plane was told to serve.
public struct RepositoryEntry: Sendable, Hashable {
    /// The version is 0 where none is known of the model.
    public var id: ModelVersionID
    /// Why it cannot be served, or, of one that is ready, why what is newer of it is not.
    public var reason: String?
    public var isReady: Bool

    /// - Parameter isReady: nil is ready without a reason.
    public init(id: ModelVersionID, reason: String? = nil, isReady: Bool? = nil) {
        self.id = id
        self.reason = reason
        self.isReady = isReady ?? (reason == nil)
    }
}
