internal import Crypto
public import Domain
internal import Foundation

/// A key that verifies model signatures: ECDSA on P-256, P-384 or P-521, with SHA-256, SHA-384 or SHA-512.
public struct ModelVerifyingKey: Sendable {
    private enum Key: Sendable {
        case p256(P256.Signing.PublicKey)
        case p384(P384.Signing.PublicKey)
        case p521(P521.Signing.PublicKey)
    }

    private let key: Key
    /// SubjectPublicKeyInfo in PEM, ending in a line feed.
    public let pem: String

    /// SHA-256 of the PEM text: how bundles name a key.
    public var id: String { SHA256.hash(data: Data(pem.utf8)).hexadecimal }

    /// - Throws: `invalidArgument` for anything else.
    public init(pem text: String) throws(MartletError) {
        if let key = try? P256.Signing.PublicKey(pemRepresentation: text) {
            self.key = .p256(key)
            pem = Self.normal(key.pemRepresentation)
        } else if let key = try? P384.Signing.PublicKey(pemRepresentation: text) {
            self.key = .p384(key)
            pem = Self.normal(key.pemRepresentation)
        } else if let key = try? P521.Signing.PublicKey(pemRepresentation: text) {
            self.key = .p521(key)
            pem = Self.normal(key.pemRepresentation)
        } else {
            throw .invalid(
                "This is no public key in PEM on the curves P-256, P-384 or P-521: it begins with -----BEGIN PUBLIC KEY-----.",
                field: "public_key")
        }
    }

    static func normal(_ pem: String) -> String { pem.hasSuffix("\n") ? pem : pem + "\n" }

    func isValid(_ signature: Data, for data: Data) -> Bool {
        // A signature that is no DER sequence is not valid.
        switch key {
        case .p256(let key):
            (try? P256.Signing.ECDSASignature(derRepresentation: signature)).map { key.isValidSignature($0, for: data) }
                ?? false
        case .p384(let key):
            (try? P384.Signing.ECDSASignature(derRepresentation: signature)).map { key.isValidSignature($0, for: data) }
                ?? false
        case .p521(let key):
            (try? P521.Signing.ECDSASignature(derRepresentation: signature)).map { key.isValidSignature($0, for: data) }
                ?? false
        }
    }
}

/// A key that signs models. Never printed.
public struct ModelSigningKey: Sendable, CustomStringConvertible {
    private enum Key: Sendable {
        case p256(P256.Signing.PrivateKey)
        case p384(P384.Signing.PrivateKey)
        case p521(P521.Signing.PrivateKey)
    }

    private let key: Key
    public let verifying: ModelVerifyingKey

    public var description: String { "ModelSigningKey(\(verifying.id))" }

    /// PKCS#8 or SEC1, unencrypted, as `openssl` writes them.
    ///
    /// - Throws: `invalidArgument` for anything else.
    public init(pem text: String) throws(MartletError) {
        if let key = try? P256.Signing.PrivateKey(pemRepresentation: text) {
            self.key = .p256(key)
            verifying = try ModelVerifyingKey(pem: key.publicKey.pemRepresentation)
        } else if let key = try? P384.Signing.PrivateKey(pemRepresentation: text) {
            self.key = .p384(key)
            verifying = try ModelVerifyingKey(pem: key.publicKey.pemRepresentation)
        } else if let key = try? P521.Signing.PrivateKey(pemRepresentation: text) {
            self.key = .p521(key)
            verifying = try ModelVerifyingKey(pem: key.publicKey.pemRepresentation)
        } else {
            throw .invalid(
                "This is no unencrypted private key in PEM on the curves P-256, P-384 or P-521 (openssl ecparam -name prime256v1 -genkey -noout).",
                field: "key")
        }
    }

    /// A new P-256 key.
    public static func makePEM() -> String { ModelVerifyingKey.normal(P256.Signing.PrivateKey().pemRepresentation) }

    /// DER.
    func signature(for data: Data) throws -> Data {
        switch key {
        case .p256(let key): try key.signature(for: data).derRepresentation
        case .p384(let key): try key.signature(for: data).derRepresentation
        case .p521(let key): try key.signature(for: data).derRepresentation
        }
    }
}
