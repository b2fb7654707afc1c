/// Which entries of a model's history are wanted. Nothing set is everything.
public struct RegistryHistoryQuery: Sendable, Hashable {
    public var kind: RegistryChange.Kind?
    /// A tag's key or an alias.
    public var key: String?
    public var version: Int?

    public init(kind: RegistryChange.Kind? = nil, key: String? = nil, version: Int? = nil) {
        self.kind = kind
        self.key = key
        self.version = version
    }
}
