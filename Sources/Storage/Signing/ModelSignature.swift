public import Domain
internal import Foundation

/// Signs and verifies models in the form of OpenSSF Model Signing 1.0 (github.com/sigstore/model-transparency).
public enum ModelSignature {
    /// A bundle over the whole model.
    public static func sign(_ manifest: ModelManifest, with key: ModelSigningKey) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let payload = try encoder.encode(InTotoStatement(manifest))
        let signature = try key.signature(for: SigstoreBundle.preAuthentication(payload))
        return try SigstoreBundle(payload: payload, signature: signature, keyHint: key.verifying.id).encoded()
    }

    /// Proves that a bundle was made by one of the keys, over exactly this model.
    ///
    /// - Returns: the key.
    /// - Throws: `invalidArgument` if it is no bundle, `failedPrecondition` with the reason if it proves nothing.
    @discardableResult
    public static func verify(
        _ bundle: [UInt8], of manifest: ModelManifest, keys: [ModelVerifyingKey]
    ) throws(MartletError) -> ModelVerifyingKey {
        let bundle = try SigstoreBundle(reading: bundle)
        let hint = bundle.verificationMaterial.publicKey?.hint
        let candidates = keys.filter { hint == nil || $0.id == hint }
        guard !candidates.isEmpty else {
            throw .precondition("It was signed with the key \(hint ?? "unknown"), which is not among those that count.")
        }
        let signed = SigstoreBundle.preAuthentication(bundle.dsseEnvelope.payload)
        let signature = bundle.dsseEnvelope.signatures[0].sig
        guard let key = candidates.first(where: { $0.isValid(signature, for: signed) }) else {
            throw .precondition("The signature does not match what it is said to sign.")
        }
        let statement = try InTotoStatement(reading: bundle.dsseEnvelope.payload)
        if let difference = manifest.difference(from: statement.predicate.resources) {
            throw .precondition(difference)
        }
        return key
    }

    /// The id of the key that a bundle names; nil if it names none.
    ///
    /// - Throws: `invalidArgument` if it is no bundle.
    public static func keyID(of bundle: [UInt8]) throws(MartletError) -> String? {
        try SigstoreBundle(reading: bundle).verificationMaterial.publicKey?.hint
    }
}
