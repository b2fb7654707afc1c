public import Domain

/// Data sets and their versions in registry.db. Their files are blobs.
public struct DatasetStore: Sendable {
    /// Rows of one page at most.
    static let pageMax = 1_000

    /// A file of a new version, whose blob and sketch are there already.
    public struct NewFile: Sendable, Hashable {
        public var path: String
        public var digest: String
        public var bytes: Int64
        public var format: DatasetVersion.Format
        public var rows: Int

        public init(path: String, digest: String, bytes: Int64, format: DatasetVersion.Format, rows: Int) {
            self.path = path
            self.digest = digest
            self.bytes = bytes
            self.format = format
            self.rows = rows
        }
    }

    /// What a new version is made of.
    public struct Draft: Sendable {
        public var name: String
        public var source: String?
        public var files: [NewFile]
        public var rows: Int
        public var columns: [DatasetColumn]
        /// What was counted, as JSON text; nobody here looks inside.
        public var sketch: String

        public init(
            name: String, source: String?, files: [NewFile], rows: Int, columns: [DatasetColumn], sketch: String
        ) {
            self.name = name
            self.source = source
            self.files = files
            self.rows = rows
            self.columns = columns
            self.sketch = sketch
        }
    }

    let database: Database
    let clock: any WallClock

    public init(database: Database, clock: any WallClock) {
        self.database = database
        self.clock = clock
    }

    // MARK: files

    /// Keeps what was counted of one stored file, so that the version made of it need not read it again.
    public func keepSketch(_ sketch: String, digest: String, bytes: Int64, format: DatasetVersion.Format) async throws {
        let now = clock.now()
        try await database.write { sql in
            _ = try sql.execute(
                """
                INSERT INTO dataset_file_sketches (digest, format, bytes, stored_at, sketch)
                VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (digest, format) DO UPDATE SET stored_at = excluded.stored_at, sketch = excluded.sketch
                """,
                [
                    .text(digest), .text(format.rawValue), .integer(bytes), .integer(now.milliseconds), .text(sketch),
                ])
        }
    }

    /// nil where no such file was stored, or not in this format.
    public func sketch(digest: String, format: DatasetVersion.Format) async throws -> (text: String, bytes: Int64)? {
        try await database.read { sql in
            try sql.row(
                "SELECT sketch, bytes FROM dataset_file_sketches WHERE digest = $1 AND format = $2",
                [.text(digest), .text(format.rawValue)]
            ).map { (try $0.text("sketch"), try $0.integer("bytes")) }
        }
    }

    // MARK: versions

    /// Keeps a version with its audit event. Content that the data set has already makes no version.
    ///
    /// - Returns: the version, and whether it is new.
    /// - Throws: `invalidArgument` for a bad name, path or number of files.
    public func add(_ draft: Draft, by actor: Principal) async throws -> (version: DatasetVersion, isNew: Bool) {
        try DatasetLimits.checkName(draft.name)
        for file in draft.files { try DatasetLimits.checkPath(file.path) }
        guard (1...DatasetLimits.filesMax).contains(draft.files.count),
            Set(draft.files.map(\.path)).count == draft.files.count
        else {
            throw MartletError.invalid(
                "A version of a data set has 1 to \(DatasetLimits.filesMax) files, each under a path of its own.",
                field: "files")
        }
        try TrackingLimits.checkLength(draft.source ?? "", max: DatasetLimits.sourceCharactersMax, of: "Source")
        let digest = DatasetDigest.of(draft.files.map { ($0.path, $0.bytes, $0.digest) })
        let profile = try JSONDocument.text(draft.columns)
        let now = clock.now()
        return try await database.write { sql in
            let known = try sql.row(
                "SELECT * FROM dataset_versions WHERE name = $1 AND digest = $2", [.text(draft.name), .text(digest)])
            if let known { return (try Self.version(sql, known), false) }
            let id = DatasetVersionID(
                name: draft.name, number: try Self.nextNumber(sql, draft.name, now), digest: digest)
            try Self.insert(sql, draft, id, profile: profile, by: actor, at: now)
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: "dataset.add", subject: "datasets/\(id.name)/versions/\(id.number)",
                    after: [
                        "digest": .string(digest), "rows": .int(Int64(draft.rows)),
                        "source": draft.source.map { .string($0) } ?? .null,
                    ]),
                at: now)
            try OpenLineageOutbox.note(sql, .datasetAdded, "\(id.name)/\(id.number)", at: now)
            return (try Self.version(sql, name: id.name, number: id.number), true)
        }
    }

    /// Data sets by name, ascending.
    ///
    /// - Parameters:
    ///   - after: only names behind this one.
    ///   - limit: 1…1,000.
    public func summaries(after name: String?, limit: Int) async throws -> [DatasetOverview] {
        try await database.read { sql in
            try sql.rows(
                """
                SELECT v.name, v.number, v.digest, v.total_rows, v.total_columns, v.total_bytes, v.created_at,
                    v.created_by_name, c.versions
                FROM (SELECT name, COUNT(*) AS versions, MAX(number) AS newest FROM dataset_versions
                      WHERE name > $1 GROUP BY name ORDER BY name LIMIT $2) c
                JOIN dataset_versions v ON v.name = c.name AND v.number = c.newest
                ORDER BY v.name
                """, [.text(name ?? ""), .integer(min(max(limit, 1), Self.pageMax))]
            ).map { row in
                DatasetOverview(
                    name: try row.text("name"), versions: try row.int("versions"), newest: try Self.id(row),
                    rows: try row.int("total_rows"), columns: try row.int("total_columns"),
                    bytes: try row.integer("total_bytes"),
                    createdAt: Timestamp(milliseconds: try row.integer("created_at")),
                    createdByName: try row.text("created_by_name"))
            }
        }
    }

    /// Versions of one data set, newest first.
    ///
    /// - Throws: `notFound` if there is no such data set.
    public func versions(_ name: String, before number: Int?, limit: Int) async throws -> [DatasetVersion] {
        try await database.read { sql in
            guard try sql.row("SELECT name FROM dataset_versions WHERE name = $1 LIMIT 1", [.text(name)]) != nil else {
                throw Self.unknown(name)
            }
            return try sql.rows(
                "SELECT * FROM dataset_versions WHERE name = $1 AND number < $2 ORDER BY number DESC LIMIT $3",
                [.text(name), .integer(number ?? .max), .integer(min(max(limit, 1), Self.pageMax))]
            ).map { try Self.version(sql, $0) }
        }
    }

    /// - Throws: `notFound`; `invalidArgument` for the beginning of more than one digest.
    public func version(_ name: String, _ selector: DatasetVersionSelector) async throws -> DatasetVersion {
        try await database.read { sql in try Self.version(sql, try Self.row(sql, name, selector)) }
    }

    /// A version with the JSON text of what was counted of it.
    ///
    /// - Throws: as `version`.
    public func sketched(_ name: String, _ selector: DatasetVersionSelector) async throws -> (
        version: DatasetVersion, sketch: String
    ) {
        try await database.read { sql in
            let row = try Self.row(sql, name, selector)
            return (try Self.version(sql, row), try row.text("sketch"))
        }
    }

    /// Forgets a version, or all of them. Its number is never used again; its files stay until nothing names them and they are collected.
    ///
    /// - Throws: `notFound`; `failedPrecondition` for a version that a run used: where a model came from must stay known.
    public func delete(_ name: String, _ selector: DatasetVersionSelector?, by actor: Principal) async throws -> [Int] {
        let now = clock.now()
        return try await database.write { sql in
            let rows: [SQLRow]
            if let selector {
                rows = [try Self.row(sql, name, selector)]
            } else {
                rows = try sql.rows("SELECT * FROM dataset_versions WHERE name = $1 ORDER BY number", [.text(name)])
            }
            guard !rows.isEmpty else { throw Self.unknown(name) }
            let ids = try rows.map(Self.id)
            for id in ids {
                if let use = try Self.uses(sql, of: id, limit: 1).first {
                    throw MartletError.precondition(
                        "Version \(id.number) of the data set \(name) was used by the run \(use.runID), so it cannot be deleted: where a model came from must stay known."
                    )
                }
            }
            for id in ids {
                try sql.execute(
                    "DELETE FROM dataset_versions WHERE name = $1 AND number = $2",
                    [.text(name), .integer(id.number)])
                try sql.appendAudit(
                    AuditDraft(
                        actor: actor, action: "dataset.delete", subject: "datasets/\(name)/versions/\(id.number)",
                        before: ["digest": .string(id.digest)]),
                    at: now)
            }
            return ids.map(\.number)
        }
    }
}
