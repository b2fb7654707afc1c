internal import Crypto
internal import Domain
internal import Foundation
internal import Storage

/// API keys in a file, for a server without a database: one a line, as `NAME ROLES KEY` or `KEY` alone, which is the administrator's.
///
/// ROLES are one role or several with commas between. KEY is the key, or `sha256:` and the digest of its text in hexadecimal. Blank lines
/// and those that begin with `#` are left out. The file is read whenever a key is to be proven, so that a change needs no restart.
struct KeyFile: KeyProving {
    /// A thousand lines and more.
    static let bytesMax = 256 << 10
    /// Of a key that stands there as it is: beyond guessing at the rate that is answered.
    static let keyCharactersMin = 32
    private static let digestPrefix = "sha256:"

    struct Entry: Sendable, Hashable {
        let principal: Principal
        /// SHA-256 of the key's text.
        let digest: [UInt8]
    }

    let path: String

    /// Reads the administrator's key of a data directory, which the first start makes.
    ///
    /// - Throws: what making the file throws.
    static func administrator(in folder: String) throws -> KeyFile {
        let path = folder + "/admin-key"
        _ = try SecretFile(path: path).readOrCreate { Array((KeyStore.newKeyText() + "\n").utf8) }
        return KeyFile(path: path)
    }

    func authenticate(_ text: String) async throws -> KeyStore.Authenticated? {
        let digest = Array(SHA256.hash(data: Data(text.utf8)))
        // What is compared are digests, of which nobody can choose a part.
        guard let entry = try entries().first(where: { $0.digest == digest }) else { return nil }
        return KeyStore.Authenticated(principal: entry.principal, expiresAt: nil)
    }

    /// There are no sessions without a dashboard.
    func holder(ofKey id: String) async throws -> KeyStore.Authenticated? { nil }

    /// - Throws: `unavailable` if the file cannot be read; `failedPrecondition` if others may, or may write it; `invalidArgument` naming
    ///   the line that is wrong.
    func entries() throws -> [Entry] {
        var status = stat()
        guard stat(path, &status) == 0, let file = FileHandle(forReadingAtPath: path) else {
            throw MartletError(.unavailable, "The file of keys \(path) cannot be read.", field: "key-file")
        }
        let data = try file.read(upToCount: Self.bytesMax + 1) ?? Data()
        try file.close()
        guard data.count <= Self.bytesMax else {
            throw MartletError.invalid("\(path) is longer than \(Self.bytesMax) bytes.", field: "key-file")
        }
        let (entries, hasPlainKeys) = try Self.parse(String(decoding: data, as: UTF8.self), path: path)
        // Digests may be read by anybody; who may write them may let anybody in.
        guard status.st_mode & (hasPlainKeys ? 0o077 : 0o022) == 0 else {
            throw MartletError.precondition(
                "Others may \(hasPlainKeys ? "read" : "write") \(path), which holds keys. Run: chmod 600 \(path)")
        }
        return entries
    }

    static func parse(_ text: String, path: String) throws(MartletError) -> (entries: [Entry], hasPlainKeys: Bool) {
        var (entries, hasPlainKeys): ([Entry], Bool) = ([], false)
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split { $0.isWhitespace }
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            func wrong(_ what: String) -> MartletError { .invalid("\(path):\(index + 1): \(what)", field: "key-file") }
            guard words.count == 1 || words.count == 3 else { throw wrong("a line is NAME ROLES KEY, or KEY alone.") }
            let name = words.count == 1 ? "admin" : String(first)
            do { try PrincipalName.validate(name) } catch { throw wrong(error.message) }
            let roles: [Role?] =
                words.count == 1 ? [.administrator] : words[1].split(separator: ",").map { Role(rawValue: "\($0)") }
            guard !roles.isEmpty, !roles.contains(nil) else {
                throw wrong("a role is one of \(Role.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            let key = words[words.count - 1]
            guard let digest = digest(of: key) else {
                throw wrong(
                    "a key has \(keyCharactersMin) characters or more, or is \(digestPrefix) and 64 hexadecimal digits."
                )
            }
            hasPlainKeys = hasPlainKeys || !key.hasPrefix(digestPrefix)
            entries.append(
                Entry(
                    principal: Principal(
                        id: .init(rawValue: "file:\(name)"), name: name, roles: Set(roles.compactMap { $0 })),
                    digest: digest))
        }
        return (entries, hasPlainKeys)
    }

    private static func digest(of key: Substring) -> [UInt8]? {
        guard key.hasPrefix(digestPrefix) else {
            return key.utf8.count < keyCharactersMin ? nil : Array(SHA256.hash(data: Data(key.utf8)))
        }
        let digits = key.dropFirst(digestPrefix.count).map(\.hexDigitValue)
        guard digits.count == 64, !digits.contains(nil) else { return nil }
        let values = digits.compactMap { $0 }
        return stride(from: 0, to: 64, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
    }
}
