public import Domain

/// The first file of a backup: what follows, with the digest of each.
public struct BackupManifest: Sendable, Codable, Hashable {
    public static let name = "martlet-backup.json"
    public static let formatNow = 1

    public struct File: Sendable, Codable, Hashable {
        /// Relative to the data directory.
        public var path: String
        public var bytes: Int64
        /// Lower-case hexadecimal.
        public var sha256: String
    }

    public var format: Int
    public var madeAt: Timestamp
    public var files: [File]

    enum CodingKeys: String, CodingKey {
        case format, files
        case madeAt = "made_at"
    }
}
