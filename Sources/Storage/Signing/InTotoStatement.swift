internal import Crypto
internal import Domain
internal import Foundation

/// The signed statement: in-toto Statement v1 with the predicate of OpenSSF Model Signing 1.0.
struct InTotoStatement: Codable, Hashable {
    static let typeNow = "https://in-toto.io/Statement/v1"
    static let predicateTypeNow = "https://model_signing/signature/v1.0"

    struct Subject: Codable, Hashable {
        var name: String
        var digest: [String: String]
    }

    struct Resource: Codable, Hashable {
        var name: String
        var algorithm: String
        var digest: String
    }

    struct Serialization: Codable, Hashable {
        var method: String
        var hashType: String
        var allowSymlinks: Bool
        var ignorePaths: [String]?

        enum CodingKeys: String, CodingKey {
            case method
            case hashType = "hash_type"
            case allowSymlinks = "allow_symlinks"
            case ignorePaths = "ignore_paths"
        }
    }

    struct Predicate: Codable, Hashable {
        var serialization: Serialization
        var resources: [Resource]
    }

    var type: String
    var subject: [Subject]
    var predicateType: String
    var predicate: Predicate

    enum CodingKeys: String, CodingKey {
        case subject, predicateType, predicate
        case type = "_type"
    }

    init(_ manifest: ModelManifest) {
        type = Self.typeNow
        subject = [Subject(name: manifest.name, digest: ["sha256": manifest.rootDigest])]
        predicateType = Self.predicateTypeNow
        predicate = Predicate(
            serialization: Serialization(
                method: "files", hashType: "sha256", allowSymlinks: false,
                ignorePaths: ModelManifest.ignored + [ModelManifest.signatureFile]),
            resources: manifest.files.map { Resource(name: $0.path, algorithm: "sha256", digest: $0.digest) })
    }

    /// Reads a statement and checks that it agrees with itself.
    ///
    /// - Throws: `invalidArgument` naming what is wrong with it.
    init(reading payload: Data) throws(MartletError) {
        do {
            self = try JSONDecoder().decode(InTotoStatement.self, from: payload)
        } catch {
            throw MartletError(.invalidArgument, "The signed statement is not one of a model signature.", cause: error)
        }
        guard type == Self.typeNow, predicateType == Self.predicateTypeNow else {
            throw .invalid("The signed statement is of the type \(predicateType), not \(Self.predicateTypeNow).")
        }
        guard predicate.serialization.method == "files", predicate.serialization.hashType == "sha256" else {
            throw .invalid(
                "The model was signed by \(predicate.serialization.method) with \(predicate.serialization.hashType); sign it by files with sha256, the default of model_signing."
            )
        }
        var hash = SHA256()
        for resource in predicate.resources {
            guard let bytes = Hex.bytes(resource.digest) else {
                throw .invalid("The digest of \(resource.name) in the signed statement is not hexadecimal.")
            }
            hash.update(data: Data(bytes))
        }
        guard subject.count == 1, subject[0].digest["sha256"] == hash.finalize().hexadecimal else {
            throw .invalid("The signed statement disagrees with itself: its files do not hash to its subject.")
        }
    }
}
