internal import Domain

/// Holds everything that a server keeps against everything that must be true of it, and names what is damaged.
///
/// The engines' own checks and every foreign key; the audit chain; and every artifact's bytes against its digest.
public struct DatabaseVerifier: Sendable {
    /// One thing that is not as it must be.
    public struct Damage: Sendable, Hashable {
        /// For example `registry`, `audit`, `artifact`.
        public var kind: String
        /// What is damaged, and how.
        public var detail: String
    }

    public struct Report: Sendable, Hashable {
        public var damages: [Damage] = []
        public var auditEvents: Int64 = 0
        public var artifacts = 0
        public var artifactBytes: Int64 = 0
    }

    /// Findings of one check that are named; more of the same kind say nothing new.
    static let findingsMax = 100

    let dataDirectory: String
    let registry: Database
    let observations: Database
    let artifacts: ArtifactStore

    public init(dataDirectory: String, registry: Database, observations: Database, artifacts: ArtifactStore) {
        self.dataDirectory = dataDirectory
        self.registry = registry
        self.observations = observations
        self.artifacts = artifacts
    }

    /// - Parameter progress: called with how many artifacts were read, and of how many.
    /// - Throws: if something cannot be read at all.
    public func run(progress: @Sendable (Int, Int) -> Void = { _, _ in }) async throws -> Report {
        var report = Report()
        for (name, database) in [("registry", registry), ("observations", observations)] {
            report.damages += try await database.read { sql in
                try sql.integrityFindings(max: Self.findingsMax).map { Damage(kind: name, detail: $0) }
            }
        }
        switch try await AuditVerifier.verify(dataDirectory: dataDirectory, registry: registry) {
        case .whole(let events, _, _, _): report.auditEvents = events
        case .broken(let sequence, let reason):
            report.damages.append(Damage(kind: "audit", detail: "event \(sequence): \(reason)"))
        }
        try await verifyArtifacts(&report, progress: progress)
        return report
    }

    private func verifyArtifacts(_ report: inout Report, progress: @Sendable (Int, Int) -> Void) async throws {
        let verifier = ArtifactVerifier(store: artifacts)
        let total = try await verifier.count()
        let page = try await verifier.verify { progress($0.blobs, total) }
        report.artifacts = page.blobs
        report.artifactBytes = page.bytes
        report.damages += page.findings.map { finding in
            Damage(
                kind: "artifact",
                detail: "\(finding.names.joined(separator: ", ")) (\(finding.digest)): \(finding.reason)")
        }
    }
}

extension SQLConnection {
    /// What the engine finds wrong with its own files, and rows that refer to rows that are not there.
    func integrityFindings(max: Int) throws -> [String] {
        switch engine {
        case .sqlite:
            let checks = try rows("PRAGMA integrity_check(\(max))").map { try $0.text("integrity_check") }
            let orphans = try rows("PRAGMA foreign_key_check").prefix(max).map { row in
                "a row of \(try row.text("table")) refers to a row of \(try row.text("parent")) that is not there"
            }
            return checks.filter { $0 != "ok" } + orphans
        case .postgresql: return try foreignKeyFindings()
        }
    }

    /// PostgreSQL keeps foreign keys itself; a damaged file or a disabled trigger breaks them all the same.
    private func foreignKeyFindings() throws -> [String] {
        let keys = try rows(
            """
            SELECT CAST(c.conname AS TEXT) AS name, CAST(c.conrelid::regclass AS TEXT) AS child,
                CAST(c.confrelid::regclass AS TEXT) AS parent,
                (SELECT string_agg('c.' || quote_ident(a.attname) || ' = p.' || quote_ident(b.attname), ' AND ')
                    FROM unnest(c.conkey, c.confkey) AS k (own, other)
                    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own
                    JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.other) AS link,
                (SELECT string_agg('c.' || quote_ident(a.attname) || ' IS NOT NULL', ' AND ')
                    FROM unnest(c.conkey) AS k (own)
                    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own) AS present
            FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
            WHERE c.contype = 'f' AND n.nspname = current_schema() ORDER BY 1
            """)
        return try keys.compactMap { key in
            let (child, parent) = (try key.text("child"), try key.text("parent"))
            let count =
                try row(
                    """
                    SELECT COUNT(*) AS n FROM \(child) c WHERE \(try key.text("present"))
                        AND NOT EXISTS (SELECT 1 FROM \(parent) p WHERE \(try key.text("link")))
                    """)?.int("n") ?? 0
            return count == 0 ? nil : "\(count) rows of \(child) refer to rows of \(parent) that are not there"
        }
    }
}
