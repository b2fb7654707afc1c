internal import Crypto
public import Domain

internal import struct Foundation.Data

/// What a model signature covers: every file with its digest, as OpenSSF Model Signing 1.0 serializes a model by files.
public struct ModelManifest: Sendable, Hashable {
    /// Paths that the reference implementation leaves out, at the top of the model.
    static let ignored = [".git", ".gitattributes", ".github", ".gitignore"]
    /// Where a signature lies that was uploaded with the model. It cannot cover itself.
    public static let signatureFile = "model.sig"

    /// The name of the model as a whole; says nothing about its contents.
    public var name: String
    /// Path and SHA-256 (lower-case hex), in the order in which their digests are chained.
    public private(set) var files: [VersionFile]

    public init(name: String, files: [VersionFile]) {
        self.name = name
        self.files = files.filter { file in
            let top = String(file.path.prefix { $0 != "/" })
            return !Self.ignored.contains(top) && file.path != Self.signatureFile
        }.sorted { Self.precedes($0.path, $1.path) }
    }

    /// SHA-256 over the files' digests, as bytes, one after the other.
    public var rootDigest: String {
        var hash = SHA256()
        for file in files { hash.update(data: Data(Hex.bytes(file.digest) ?? [])) }
        return hash.finalize().hexadecimal
    }

    /// Python orders paths part by part, each by code points: `a/b` comes before `a.b`.
    private static func precedes(_ one: String, _ other: String) -> Bool {
        one.utf8.split(separator: UInt8(ascii: "/")).lexicographicallyPrecedes(
            other.utf8.split(separator: UInt8(ascii: "/"))
        ) { $0.lexicographicallyPrecedes($1) }
    }

    /// The first difference between what was signed and this model, in a sentence; nil if there is none.
    func difference(from signed: [InTotoStatement.Resource]) -> String? {
        var expected: [String: String] = [:]
        for resource in signed {
            guard resource.algorithm == "sha256" else {
                return "It signs \(resource.name) with \(resource.algorithm); only sha256 is compared."
            }
            guard expected.updateValue(resource.digest, forKey: resource.name) == nil else {
                return "It signs \(resource.name) twice."
            }
        }
        for file in files {
            guard let digest = expected.removeValue(forKey: file.path) else {
                return "The file \(file.path) is not signed."
            }
            guard digest == file.digest else {
                return "The file \(file.path) has the digest \(file.digest), and \(digest) was signed."
            }
        }
        return expected.keys.min().map { "The file \($0) was signed and is not in the model." }
    }
}
