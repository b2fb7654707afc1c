internal import Domain

extension ArtifactStore {
    /// One file or folder in a listing.
    public struct Entry: Sendable, Hashable {
        /// Relative to the folder listed.
        public var path: String
        public var isDirectory: Bool
        public var bytes: Int64
    }

    /// Entries of one folder at most: the protocol has no pages here, and an answer of more would be tens of megabytes.
    static let entriesMax = 100_000
    /// By the name's bytes: Swift's strings take names for equal that differ in their Unicode normalization.
    private typealias Entries = [[UInt8]: Entry]
    /// Rows read at a time while listing.
    private static let rowsMax = 1_000

    /// What lies directly in a folder; empty for a file and for nothing, as MLflow's clients expect.
    ///
    /// - Throws: `invalidArgument` for a path that breaks the rules; `failedPrecondition` for a folder with more than 100,000
    ///   entries.
    public func list(_ folder: String) async throws -> [Entry] {
        if !folder.isEmpty { try ArtifactPath.check(folder) }
        return try await database.read { sql in
            if let place = VersionPath(parsing: folder) { return try Self.list(sql, place) }
            var entries: Entries = [:]
            let prefix = folder.isEmpty ? "" : folder + "/"
            var first = prefix
            while true {
                let rows = try Self.rows(sql, under: prefix, from: first, limit: Self.rowsMax)
                for row in rows { try Self.add(row, under: prefix, to: &entries) }
                guard entries.count <= Self.entriesMax else {
                    throw MartletError.precondition(
                        "The folder '\(folder)' has more than \(Self.entriesMax) entries and cannot be listed. List the folders in it."
                    )
                }
                guard rows.count == Self.rowsMax, let last = try rows.last?.text("path") else { break }
                first = Self.successor(of: last, under: prefix)
            }
            return entries.values.sorted { $0.path < $1.path }
        }
    }

    private static func list(_ sql: SQLConnection, _ place: VersionPath) throws -> [Entry] {
        let prefix = place.file.isEmpty ? "" : place.file + "/"
        var entries: Entries = [:]
        let rows = try sql.rows(
            "SELECT path, bytes FROM model_version_files WHERE name = $1 AND version = $2 ORDER BY path",
            [.text(place.id.model), .integer(place.id.version)])
        for row in rows where try row.text("path").utf8.starts(with: prefix.utf8) {
            try add(row, under: prefix, to: &entries)
        }
        return entries.values.sorted { $0.path < $1.path }
    }

    private static func add(_ row: SQLRow, under prefix: String, to entries: inout Entries) throws {
        let rest = try row.text("path").utf8.dropFirst(prefix.utf8.count)
        let bytes = Array(rest.prefix { $0 != UInt8(ascii: "/") })
        let name = String(decoding: bytes, as: UTF8.self)
        if rest.contains(UInt8(ascii: "/")) {
            entries[bytes] = Entry(path: name, isDirectory: true, bytes: 0)
        } else {
            entries[bytes] = Entry(path: name, isDirectory: false, bytes: try row.integer("bytes"))
        }
    }

    /// Where to go on after a path: past the rest of the folder that it lies in, which is listed already.
    private static func successor(of path: String, under prefix: String) -> String {
        let rest = path.utf8.dropFirst(prefix.utf8.count)
        guard rest.contains(UInt8(ascii: "/")) else { return path + "\u{1}" }
        // "0" is the character after "/".
        return prefix + String(decoding: rest.prefix { $0 != UInt8(ascii: "/") }, as: UTF8.self) + "0"
    }
}
