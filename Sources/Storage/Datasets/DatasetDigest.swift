internal import Crypto
internal import Domain

internal import struct Foundation.Data

/// The digest of a data set's content: the same files give the same digest, wherever and whenever they are added.
public enum DatasetDigest {
    /// SHA-256, lower-case hex, over the line `martlet-dataset-1` and the canonical JSON (RFC 8785) of the list of `[path, bytes, digest]`,
    /// sorted by the bytes of the path.
    public static func of(_ files: [(path: String, bytes: Int64, digest: String)]) -> String {
        let sorted = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        let list = JSONValue.array(sorted.map { [.string($0.path), .int($0.bytes), .string($0.digest)] })
        return Hex.text(SHA256.hash(data: Data(("martlet-dataset-1\n" + list.canonicalText).utf8)))
    }
}
