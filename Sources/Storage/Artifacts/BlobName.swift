/// The name of one stored object: the SHA-256 of what it holds, and the form in which it is stored.
public struct BlobName: Sendable, Hashable {
    /// How the bytes are stored. Two forms have two folders, so that no stored byte ever has to say which it is.
    public enum Form: String, Sendable, CaseIterable {
        /// As they are.
        case plain = "blobs"
        /// Encrypted (`SealedFormat`).
        case sealed
    }

    /// SHA-256 of the plaintext, lower-case hex.
    public var digest: String
    public var form: Form

    public init(digest: String, form: Form) {
        self.digest = digest
        self.form = form
    }

    /// `blobs/ab/abcdef…`, the same in a folder and in a bucket.
    public var key: String { "\(form.rawValue)/\(digest.prefix(2))/\(digest)" }

    /// - Returns: nil for a key that is none of a blob.
    init?(key: String) {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let form = Form(rawValue: parts[0]), Self.isDigest(parts[2]),
            parts[2].hasPrefix(parts[1])
        else { return nil }
        self.init(digest: parts[2], form: form)
    }

    static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
}
