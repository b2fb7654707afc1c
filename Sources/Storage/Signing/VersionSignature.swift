public import Domain

/// One signature of a version, as it is kept.
public struct VersionSignature: Sendable, Codable, Hashable {
    public enum Origin: String, Sendable, Codable {
        /// Signed by the server, when the version was registered or later.
        case server
        /// Signed elsewhere, with a key that the server never sees.
        case author
        /// The file `model.sig` of the version itself.
        case file
    }

    /// SHA-256 of the public key's PEM.
    public var keyID: String
    public var origin: Origin
    /// PEM; nil for a file, which names its key only.
    public var publicKey: String?
    public var signedBy: String?
    public var signedAt: Timestamp?
    /// The Sigstore bundle.
    public var bundle: String
}
