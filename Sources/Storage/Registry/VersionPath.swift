public import Domain

/// The place of a version's files in the artifact proxy: `versions/<name>/<number>/…`, read-only and by the digests that were
/// stored with the version, whatever becomes of the run that it came from.
public struct VersionPath: Sendable, Hashable {
    /// The first segment. No experiment can have it as its folder.
    public static let folder = "versions"

    public var id: ModelVersionID
    /// Relative to the version; empty for the version's folder itself.
    public var file: String

    public init(_ id: ModelVersionID, file: String = "") {
        self.id = id
        self.file = file
    }

    /// - Returns: nil for a path that names no version.
    public init?(parsing path: String) {
        let parts = path.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 3, parts[0] == Self.folder, let model = Self.decode(parts[1]), let number = Int(parts[2])
        else { return nil }
        id = ModelVersionID(model: model, version: number)
        file = parts.count > 3 ? parts[3] : ""
    }

    /// Whether a path lies where nobody may write.
    public static func isReadOnly(_ path: String) -> Bool { path == folder || path.hasPrefix(folder + "/") }

    public var text: String {
        let root = "\(Self.folder)/\(Self.encode(id.model))/\(id.version)"
        return file.isEmpty ? root : root + "/" + file
    }

    /// MLflow's client escapes some characters of a URI once, some twice and `#` not at all, so that only the plainest names
    /// stand as they are; any other is `~` and the hexadecimal digits of its UTF-8.
    private static func encode(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
        if isPlain, name.contains(where: { $0 != "." }) { return name }
        return "~"
            + name.utf8.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    private static func decode(_ segment: String) -> String? {
        guard segment.hasPrefix("~") else { return segment }
        let digits = Array(segment.utf8.dropFirst())
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[start..<start + 2], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
