internal import Domain
internal import Foundation

/// A signature as it is kept and exchanged: Sigstore bundle v0.3 with a DSSE envelope, as `model_signing` 1.x writes and reads it
/// for signatures by key.
struct SigstoreBundle: Codable {
    static let mediaTypeNow = "application/vnd.dev.sigstore.bundle.v0.3+json"
    static let payloadTypeNow = "application/vnd.in-toto+json"
    /// Bytes of a bundle at most: one of 10,000 files has some 3 MB.
    static let bytesMax = 16 << 20

    struct PublicKey: Codable {
        var hint: String?
    }

    struct VerificationMaterial: Codable {
        var publicKey: PublicKey?
        var tlogEntries: [JSONValue]?
    }

    struct Signature: Codable {
        var sig: Data
        var keyid: String?
    }

    struct Envelope: Codable {
        var payload: Data
        var payloadType: String
        var signatures: [Signature]
    }

    var mediaType: String
    var verificationMaterial: VerificationMaterial
    var dsseEnvelope: Envelope

    init(payload: Data, signature: Data, keyHint: String) {
        mediaType = Self.mediaTypeNow
        verificationMaterial = VerificationMaterial(publicKey: PublicKey(hint: keyHint), tlogEntries: [])
        dsseEnvelope = Envelope(
            payload: payload, payloadType: Self.payloadTypeNow, signatures: [Signature(sig: signature, keyid: "")])
    }

    /// - Throws: `invalidArgument` for anything but a bundle of one signature by key.
    init(reading text: [UInt8]) throws(MartletError) {
        guard text.count <= Self.bytesMax else {
            throw MartletError(.payloadTooLarge, "A signature bundle may have \(Self.bytesMax) bytes.")
        }
        do {
            self = try JSONDecoder().decode(SigstoreBundle.self, from: Data(text))
        } catch {
            throw MartletError(.invalidArgument, "The signature is not a Sigstore bundle.", cause: error)
        }
        guard mediaType == Self.mediaTypeNow else {
            throw .invalid("The bundle has the media type \(mediaType), not \(Self.mediaTypeNow).")
        }
        guard verificationMaterial.publicKey != nil else {
            throw .invalid(
                "The bundle was not signed with a key. Signatures by certificate or by Sigstore's identities are not verified here; use `model_signing sign key`."
            )
        }
        guard dsseEnvelope.payloadType == Self.payloadTypeNow, dsseEnvelope.signatures.count == 1 else {
            throw .invalid("The bundle must hold one signature over \(Self.payloadTypeNow).")
        }
    }

    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(self))
    }

    /// What is signed: DSSE's pre-authentication encoding (github.com/secure-systems-lab/dsse, protocol.md).
    static func preAuthentication(_ payload: Data) -> Data {
        Data("DSSEv1 \(payloadTypeNow.utf8.count) \(payloadTypeNow) \(payload.count) ".utf8) + payload
    }
}
