internal import Crypto
internal import Domain

internal import struct Foundation.Data

/// Applies the migrations that a database lacks, each in a transaction of its own, and holds those applied before against the
/// text that was applied.
struct Migrator {
    /// What a database says of one migration.
    struct Applied {
        var number: Int
        var name: String
        var appliedAt: Timestamp
        /// Nil for one applied by a Martlet that did not keep it yet.
        var checksum: String?
    }

    let migrations: [Migration]
    let clock: any WallClock

    /// - Parameter transaction: runs its body in a durable transaction while no other process migrates.
    /// - Throws: `failedPrecondition` for a database of a newer Martlet, or one whose migrations were other ones.
    func bringUpToDate(_ transaction: ((SQLConnection) throws -> Void) throws -> Void) throws {
        var missing: [Migration] = []
        try transaction { sql in
            try Self.makeTable(sql)
            let applied = try check(Self.applied(sql))
            for row in applied where row.checksum == nil {
                guard let migration = migrations.first(where: { $0.number == row.number }) else { continue }
                try sql.execute(
                    "UPDATE schema_migrations SET checksum = $2 WHERE number = $1",
                    [.integer(row.number), .text(migration.checksum)])
            }
            missing = pending(after: applied)
        }
        for migration in missing {
            try transaction { sql in
                // Another process may have applied it since.
                guard try pending(after: check(Self.applied(sql))).contains(where: { $0.number == migration.number })
                else { return }
                try sql.script(migration.sql)
                try sql.execute(
                    "INSERT INTO schema_migrations (number, name, applied_at, checksum) VALUES ($1, $2, $3, $4)",
                    [
                        .integer(migration.number), .text(migration.name), .integer(clock.now().milliseconds),
                        .text(migration.checksum),
                    ])
            }
        }
    }

    /// Those not applied yet, in order.
    func pending(after applied: [Applied]) -> [Migration] {
        let numbers = Set(applied.map(\.number))
        return migrations.filter { !numbers.contains($0.number) }.sorted { $0.number < $1.number }
    }

    /// - Returns: what it was given.
    /// - Throws: `failedPrecondition` if one of them is unknown or had another text.
    @discardableResult
    func check(_ applied: [Applied]) throws -> [Applied] {
        let known = Dictionary(migrations.map { ($0.number, $0) }) { first, _ in first }
        for row in applied.reversed() {
            guard let migration = known[row.number] else {
                throw MartletError(
                    .failedPrecondition,
                    "The database has migration \(row.number), which this Martlet does not know. Use the newer Martlet that made it."
                )
            }
            if let checksum = row.checksum, checksum != migration.checksum {
                throw MartletError(
                    .failedPrecondition,
                    "The migration \(row.number) (\(row.name)) of the database is not the one that this Martlet has under that number. Use the Martlet that made the database."
                )
            }
        }
        return applied
    }

    /// What the table of migrations says, in order; nothing while there is no table.
    static func applied(_ sql: SQLConnection) throws -> [Applied] {
        try sql.rows("SELECT number, name, applied_at, checksum FROM schema_migrations ORDER BY number").map {
            Applied(
                number: try $0.int("number"), name: try $0.text("name"),
                appliedAt: Timestamp(milliseconds: try $0.integer("applied_at")),
                checksum: try $0.optionalText("checksum"))
        }
    }

    private static func makeTable(_ sql: SQLConnection) throws {
        try sql.script(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                number BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL, checksum TEXT)
            """)
        guard case .sqlite = sql.engine else { return }
        // SQLite files from before checksums were kept.
        let column = try sql.row(
            "SELECT name FROM pragma_table_info('schema_migrations') WHERE name = 'checksum'")
        if column == nil { try sql.script("ALTER TABLE schema_migrations ADD COLUMN checksum TEXT") }
    }
}

extension Migration {
    /// SHA-256 of the text, whose layout does not count, lower-case hexadecimal.
    var checksum: String {
        let words = sql.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return Hex.text(SHA256.hash(data: Data(words.utf8)))
    }
}
