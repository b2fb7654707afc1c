internal import Crypto
internal import Domain
internal import Foundation

/// The keys that wrap data keys, from a file that never leaves its owner's hands: one base64 line of 32 bytes a key
/// (`openssl rand -base64 32`), the first for what is wrapped from now on, the others for what was wrapped before. `#` begins a
/// comment. Mode 0600.
struct MasterKeyring: Sendable {
    /// Keys of one file at most: all are tried by name only, but a file of more is a mistake.
    static let keysMax = 100

    struct Key: Sendable {
        /// The first 16 hexadecimal digits of SHA-256 over a fixed text and the key: says which key it is, not what it is.
        let id: String
        let key: SymmetricKey
    }

    let keys: [Key]
    var current: Key { keys[0] }

    /// - Throws: `failedPrecondition` if the file is missing, may be read by others, or has a line that is no key.
    init(path: String) throws {
        guard let bytes = try SecretFile(path: path).read() else {
            throw MartletError.precondition(
                "The key file \(path) is not there. Make one: (umask 077; openssl rand -base64 32 > \(path)). Keep a copy elsewhere: without it nothing can be read."
            )
        }
        var keys: [Key] = []
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let text = line.trimmingCharacters(in: .whitespaces)
            guard !text.isEmpty, !text.hasPrefix("#") else { continue }
            // The line itself is never shown: it may be a key with a slip of the finger.
            guard let raw = Data(base64Encoded: text), raw.count == 32 else {
                throw MartletError.precondition(
                    "Line \(index + 1) of the key file \(path) is not the base64 of 32 bytes.")
            }
            keys.append(Self.key(raw))
        }
        guard !keys.isEmpty, keys.count <= Self.keysMax else {
            throw MartletError.precondition(
                "The key file \(path) needs 1 to \(Self.keysMax) keys; it has \(keys.count).")
        }
        self.keys = keys
    }

    static func key(_ raw: Data) -> Key {
        let digest = SHA256.hash(data: Data("martlet master key".utf8) + raw)
        return Key(id: String(digest.hexadecimal.prefix(16)), key: SymmetricKey(data: raw))
    }

    func key(_ id: String) -> Key? { keys.first { $0.id == id } }
}
