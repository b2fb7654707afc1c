internal import Domain
internal import Foundation

/// The server's own key for model signatures: ECDSA P-256 in `keys/model-signing.key`, its public half beside it in
/// `model-signing.pub`, as `model_signing verify key --public_key` takes it.
public struct ModelSigner: Sendable {
    let key: ModelSigningKey

    public var verifying: ModelVerifyingKey { key.verifying }

    /// Reads the key or makes it.
    ///
    /// - Throws: `unavailable` if the file cannot be read or made, `failedPrecondition` if it holds no key.
    public init(directory: String) throws {
        let path = directory + "/model-signing.key"
        let bytes = try SecretFile(path: path).readOrCreate { Array(ModelSigningKey.makePEM().utf8) }
        do {
            key = try ModelSigningKey(pem: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw MartletError(.failedPrecondition, "\(path) holds no key for model signatures.", cause: error)
        }
        try Data(key.verifying.pem.utf8).write(to: URL(fileURLWithPath: directory + "/model-signing.pub"))
    }
}
