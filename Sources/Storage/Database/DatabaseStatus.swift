public import Domain

/// What a database is and holds.
public struct DatabaseStatus: Sendable, Hashable {
    public struct AppliedMigration: Sendable, Hashable {
        public var number: Int
        public var name: String
        public var appliedAt: Timestamp
    }

    public struct PendingMigration: Sendable, Hashable {
        public var number: Int
        public var name: String
        /// What it will run.
        public var sql: String
    }

    public struct Table: Sendable, Hashable {
        public var name: String
        public var rows: Int64
    }

    /// "SQLite 3.40.1" or "PostgreSQL 15.18".
    public var engine: String
    /// Bytes on disk, indexes included.
    public var bytes: Int64
    public var applied: [AppliedMigration]
    public var pending: [PendingMigration]
    public var tables: [Table]
}

extension Database {
    /// Looks at a database that is up to date or not, and changes nothing.
    ///
    /// - Throws: `failedPrecondition` for one of a newer Martlet; what reading throws.
    public func status(migrations: [Migration], clock: any WallClock) async throws -> DatabaseStatus {
        try await read { sql in
            let migrator = Migrator(migrations: migrations, clock: clock)
            let tables = try sql.tableNames()
            let applied = tables.contains("schema_migrations") ? try migrator.check(Migrator.applied(sql)) : []
            return DatabaseStatus(
                engine: try sql.engineVersion(), bytes: try sql.bytes(),
                applied: applied.map { .init(number: $0.number, name: $0.name, appliedAt: $0.appliedAt) },
                pending: migrator.pending(after: applied).map { .init(number: $0.number, name: $0.name, sql: $0.sql) },
                tables: try tables.map { name in
                    let count = try sql.row("SELECT COUNT(*) AS n FROM \(name)")?.integer("n") ?? 0
                    return DatabaseStatus.Table(name: name, rows: count)
                })
        }
    }
}

extension SQLConnection {
    func engineVersion() throws -> String {
        let (name, sql) =
            switch engine {
            case .sqlite: ("SQLite", "SELECT sqlite_version() AS version")
            case .postgresql: ("PostgreSQL", "SELECT current_setting('server_version') AS version")
            }
        let version = try row(sql)?.text("version") ?? "of unknown version"
        return "\(name) \(version)"
    }

    func tableNames() throws -> [String] {
        let sql: String
        switch engine {
        case .sqlite:
            sql = """
                SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name
                """
        case .postgresql:
            sql = """
                SELECT CAST(tablename AS TEXT) AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1
                """
        }
        return try rows(sql).map { try $0.text("name") }
    }

    fileprivate func bytes() throws -> Int64 {
        let sql: String
        switch engine {
        case .sqlite:
            sql = """
                SELECT p.page_count * s.page_size AS bytes FROM pragma_page_count() p, pragma_page_size() s
                """
        case .postgresql:
            sql = """
                SELECT CAST(COALESCE(SUM(pg_total_relation_size(c.oid)), 0) AS BIGINT) AS bytes FROM pg_class c
                JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind = 'r'
                """
        }
        return try row(sql)?.integer("bytes") ?? 0
    }
}
