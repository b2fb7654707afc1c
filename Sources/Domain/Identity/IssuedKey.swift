/// A new API key with its secret: the only moment at which the secret is known.
public struct IssuedKey: Sendable {
    public var key: APIKey
    /// `mk_<id>_<secret>`, as clients send it. Never log or store it.
    public var text: String

    public init(key: APIKey, text: String) {
        self.key = key
        self.text = text
    }
}

extension IssuedKey: CustomStringConvertible, CustomDebugStringConvertible {
    /// Without the secret, so that a careless log line keeps it.
    public var description: String { "IssuedKey(\(key.id))" }
    public var debugDescription: String { description }
}
