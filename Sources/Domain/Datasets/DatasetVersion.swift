/// One version of a data set: files by their content, with the schema and the profile that were read out of them. It never changes.
public struct DatasetVersion: Sendable, Hashable, Codable {
    /// How rows are written.
    public enum Format: String, Sendable, Codable, CaseIterable {
        case csv
        /// JSON lines: one object a line.
        case jsonl
        case parquet
    }

    public struct File: Sendable, Hashable, Codable {
        /// Relative, with `/`. A version of one file calls it `data.csv`, `data.jsonl` or `data.parquet`, so that a file's own name
        /// makes no other version.
        public var path: String
        /// SHA-256, lower-case hex.
        public var digest: String
        public var bytes: Int64
        public var format: Format
        public var rows: Int

        public init(path: String, digest: String, bytes: Int64, format: Format, rows: Int) {
            self.path = path
            self.digest = digest
            self.bytes = bytes
            self.format = format
            self.rows = rows
        }
    }

    public var id: DatasetVersionID
    public var createdAt: Timestamp
    public var createdBy: Principal.ID
    public var createdByName: String
    /// Where the files came from, as whoever added them says; nil where nothing was said.
    public var source: String?
    /// By path, ascending.
    public var files: [File]
    public var rows: Int
    public var columns: [DatasetColumn]

    public init(
        id: DatasetVersionID, createdAt: Timestamp, createdBy: Principal.ID, createdByName: String, source: String?,
        files: [File], rows: Int, columns: [DatasetColumn]
    ) {
        self.id = id
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.createdByName = createdByName
        self.source = source
        self.files = files
        self.rows = rows
        self.columns = columns
    }

    public var bytes: Int64 { files.reduce(0) { $0 + $1.bytes } }
}

extension DatasetVersionID {
    /// Digits of `runDigest`: MLflow takes 36 characters for the digest of a run's data set; 128 bits are enough to name content.
    public static let runDigestDigits = 32

    /// The digest by which a run names this version: the first 32 digits.
    public var runDigest: String { String(digest.prefix(Self.runDigestDigits)) }
    /// The source by which a run names this version.
    public var sourceURI: String { "martlet-data:/\(name)/\(digest)" }
}
