internal import Crypto
internal import Domain
internal import Foundation

/// Holds the Ed25519 key that signs checkpoints. It lies outside the database, so that who can write the database alone
/// cannot make the chain look whole again.
public struct AuditSigner: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// The public key, base64.
    public var publicKey: String { key.publicKey.rawRepresentation.base64EncodedString() }

    /// A new key, kept nowhere.
    public init() {
        key = Curve25519.Signing.PrivateKey()
    }

    /// Reads `<directory>/audit.key` (base64, mode 0600) or makes it, with the public half beside it in `audit.pub`.
    ///
    /// - Throws: `unavailable` if the file cannot be read or made, `failedPrecondition` if it holds no key.
    public init(directory: String) throws {
        let bytes = try SecretFile(path: directory + "/audit.key").readOrCreate {
            Array(Curve25519.Signing.PrivateKey().rawRepresentation.base64EncodedString().utf8)
        }
        let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard let raw = Data(base64Encoded: text), let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: raw)
        else {
            throw MartletError.precondition("\(directory)/audit.key holds no Ed25519 key.")
        }
        self.key = key
        try Data((publicKey + "\n").utf8).write(to: URL(fileURLWithPath: directory + "/audit.pub"))
    }

    func sign(sequence: Int64, hash: String, at time: Timestamp) throws -> AuditCheckpoint {
        var checkpoint = AuditCheckpoint(
            sequence: sequence, hash: hash, time: time, publicKey: publicKey, signature: "")
        checkpoint.signature = try key.signature(for: Data(checkpoint.signedText.utf8)).base64EncodedString()
        return checkpoint
    }

    /// Whether the checkpoint's signature was made by the key that it names.
    static func isGenuine(_ checkpoint: AuditCheckpoint) -> Bool {
        guard let raw = Data(base64Encoded: checkpoint.publicKey),
            let signature = Data(base64Encoded: checkpoint.signature),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw)
        else { return false }
        return key.isValidSignature(signature, for: Data(checkpoint.signedText.utf8))
    }
}
