internal import Domain
internal import GRDB

/// Applies the migrations that a database lacks, each in a transaction of its own.
enum Migrator {
    static func bringUpToDate(_ database: GRDB.Database, migrations: [Migration], clock: any WallClock) throws {
        try database.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    number BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)
                """)
        let applied = try Set(Int.fetchAll(database, sql: "SELECT number FROM schema_migrations"))
        let known = Set(migrations.map(\.number))
        if let unknown = applied.subtracting(known).max() {
            throw MartletError(
                .failedPrecondition,
                "The database has migration \(unknown), which this Martlet does not know. Use the newer Martlet that made it."
            )
        }
        for migration in migrations.sorted(by: { $0.number < $1.number }) where !applied.contains(migration.number) {
            try database.execute(sql: "BEGIN IMMEDIATE")
            do {
                try database.execute(sql: migration.sql)
                try database.execute(
                    sql: "INSERT INTO schema_migrations (number, name, applied_at) VALUES (?, ?, ?)",
                    arguments: [migration.number, migration.name, clock.now().milliseconds])
                try database.execute(sql: "COMMIT")
            } catch {
                if database.isInsideTransaction { try database.execute(sql: "ROLLBACK") }
                throw error
            }
        }
    }
}
