/// A signed statement that at `time` the chain's event `sequence` had this `hash`.
public struct AuditCheckpoint: Sendable, Hashable, Codable {
    public var sequence: Int64
    public var hash: String
    public var time: Timestamp
    /// Ed25519 public key, base64.
    public var publicKey: String
    /// Ed25519 signature over the UTF-8 bytes of `signedText`, base64.
    public var signature: String

    public init(sequence: Int64, hash: String, time: Timestamp, publicKey: String, signature: String) {
        self.sequence = sequence
        self.hash = hash
        self.time = time
        self.publicKey = publicKey
        self.signature = signature
    }

    /// What is signed. The first line keeps the signature from meaning anything else.
    public var signedText: String {
        "martlet-audit-checkpoint-1\n"
            + JSONValue.object([
                "hash": .string(hash), "sequence": .int(sequence), "time": .int(time.milliseconds),
            ]).canonicalText
    }

    enum CodingKeys: String, CodingKey {
        case sequence, hash, time, signature
        case publicKey = "public_key"
    }
}
