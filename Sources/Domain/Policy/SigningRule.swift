/// Whether versions of a model must be signed to be served, and by whom.
public struct SigningRule: Sendable, Hashable, Codable {
    /// Without a good signature a version is not prepared, rolled out or loaded.
    public var isRequired: Bool
    /// PEM. Only these keys' signatures count; empty is the server's own key.
    public var publicKeys: [String]

    public init(isRequired: Bool, publicKeys: [String] = []) {
        self.isRequired = isRequired
        self.publicKeys = publicKeys
    }
}
