import Domain
import Foundation
import TestSupport
import Testing

@testable import Storage

@Suite("Database: grouped, durable writes", .everyEngine, .namingEngine)
struct DatabaseTests {
    private static let items = Migration(
        number: 1, name: "items", sql: "CREATE TABLE items (id BIGINT PRIMARY KEY, name TEXT NOT NULL)")

    private let folder: TemporaryFolder
    private let database: Database

    init() throws {
        folder = try TemporaryFolder()
        database = try Database.test(folder.path + "/test.db", migrations: [Self.items], clock: ManualClock())
    }

    private static func insert(_ id: Int, into database: Database) async throws {
        _ = try await database.write { sql in
            try sql.execute("INSERT INTO items (id, name) VALUES ($1, $2)", [.integer(id), .text("n\(id)")])
        }
    }

    @Test("five hundred concurrent writes are all there")
    func concurrentWrites() async throws {
        let database = database
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in 0..<500 {
                group.addTask { try await Self.insert(id, into: database) }
            }
            try await group.waitForAll()
        }
        let count = try await database.read { try $0.row("SELECT count(*) AS n FROM items")?.int("n") }
        #expect(count == 500)
    }

    @Test("a write that fails in a group changes nothing and spoils no other")
    func failuresAreIsolated() async throws {
        let database = database
        let failures = await withTaskGroup(of: Bool.self) { group in
            for id in 0..<200 {
                group.addTask {
                    do {
                        try await database.write { sql in
                            try sql.execute("INSERT INTO items (id, name) VALUES ($1, $2)", [.integer(id), .text("a")])
                            if id.isMultiple(of: 3) { throw MartletError.invalid("every third fails") }
                        }
                        return false
                    } catch {
                        return true
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        let ids = try await database.read { try $0.rows("SELECT id FROM items").map { try $0.int("id") } }
        #expect(failures == 67)
        #expect(ids.count == 133)
        #expect(ids.allSatisfy { !$0.isMultiple(of: 3) })
    }

    @Test("parameters are bound by their number, in whatever order they stand")
    func numberedParameters() async throws {
        let row = try await database.read { sql in
            try sql.row("SELECT $2 AS second, $1 AS first, $2 AS again", [.text("one"), .text("two")])
        }
        let found = try #require(row)
        #expect(try found.text("first") == "one")
        #expect(try found.text("second") == "two")
        #expect(try found.text("again") == "two")
    }

    @Test("a name that is taken is told apart from other failures")
    func uniqueViolation() async throws {
        let insert: @Sendable (SQLConnection) throws -> Int = {
            try $0.execute("INSERT INTO items (id, name) VALUES (1, 'x')")
        }
        _ = try await database.write(insert)
        let error = await #expect(throws: MartletError.self) { try await database.write(insert) }
        #expect(error?.code == .alreadyExists)
    }

    @Test("a database of a newer Martlet is refused")
    func newerSchema() async throws {
        let path = folder.path + "/newer.db"
        let future = Migration(number: 99, name: "future", sql: "SELECT 1")
        let newer = try Database.test(path, migrations: [Self.items, future], clock: ManualClock())
        try await newer.close()
        let error = #expect(throws: MartletError.self) {
            try Database.test(path, migrations: [Self.items], clock: ManualClock())
        }
        #expect(error?.message.contains("99") == true)
    }

    @Test("an audit event is there if and only if its change is")
    func auditInTheSameTransaction() async throws {
        let registry = try Database.test(
            folder.path + "/registry.db", migrations: Migrations.registry, clock: ManualClock())
        let draft = AuditDraft(actor: .developer, action: "test.change", subject: "things/1", after: ["a": 1])
        let time = Timestamp(milliseconds: 1000)
        try await registry.write { try $0.appendAudit(draft, at: time) }
        _ = try? await registry.write { sql in
            try sql.appendAudit(draft, at: time)
            throw MartletError.invalid("no")
        }
        try await registry.write { try $0.appendAudit(draft, at: time) }
        let rows = try await registry.read {
            try $0.rows("SELECT sequence, previous_hash, hash FROM audit_events ORDER BY sequence")
        }
        #expect(try rows.map { try $0.int("sequence") } == [1, 2])
        #expect(try rows[1].text("previous_hash") == rows[0].text("hash"))
    }

    private static let values = Migration(
        number: 2, name: "values",
        sql: """
            CREATE TABLE kept (id BIGINT PRIMARY KEY, whole BIGINT, fraction DOUBLE PRECISION, words TEXT, bytes BLOB)
            """)

    @Test("every kind of value comes back as it went in; a NaN is NULL")
    func roundTrip() async throws {
        let database = try Database.test(
            folder.path + "/values.db", migrations: [Self.items, Self.values], clock: ManualClock())
        let wide = String(repeating: "\u{1F469}\u{200D}\u{1F52C}", count: 50_000)
        let rows: [[SQLValue]] = [
            [.integer(.max), .real(.infinity), .text("\u{202E}\\'\"%_$1?\n\t"), .blob((0...255).map { $0 })],
            [.integer(.min), .real(-.infinity), .text(""), .blob([])],
            [.integer(0), .real(-0.0), .text(wide), .blob([UInt8](repeating: 0, count: 1 << 20))],
            [.integer(-1), .real(.leastNonzeroMagnitude), .text("e\u{301}"), .blob([0])],
            [.null, .real(0.1 + 0.2), .null, .null], [.null, .null, .text("é"), .null],
        ]
        try await database.write { sql in
            for (id, row) in rows.enumerated() {
                try sql.execute(
                    "INSERT INTO kept (id, whole, fraction, words, bytes) VALUES ($1, $2, $3, $4, $5)",
                    [.integer(id)] + row)
            }
            try sql.execute("INSERT INTO kept (id, fraction) VALUES (100, $1)", [.real(.nan)])
        }
        let kept = try await database.read { try $0.rows("SELECT * FROM kept ORDER BY id") }
        for (row, expected) in zip(kept, rows) { #expect(Array(row.values.dropFirst()) == expected) }
        #expect(try kept.last?.optionalReal("fraction") == nil)
        // Bytes, not characters, make two texts the same.
        #expect(kept[3].values[3] == .text("e\u{301}"))
        #expect(try kept[3].text("words").utf8.count == 3)
    }

    @Test("text is ordered and compared by its bytes, LIKE minds the case and knows no escape")
    func textOrder() async throws {
        let names = ["b", "B", "a", "A", "ä", "_", "a-b", "ab", "a b", "Z", "\\", "100%"]
        let ordered = try await database.write { sql in
            for (id, name) in names.enumerated() {
                try sql.execute("INSERT INTO items (id, name) VALUES ($1, $2)", [.integer(id), .text(name)])
            }
            return try sql.rows("SELECT name FROM items ORDER BY name").map { try $0.text("name") }
        }
        #expect(ordered == names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
        let matching = { [database] (pattern: String) async throws -> [String] in
            try await database.read { sql in
                try sql.rows("SELECT name FROM items WHERE name LIKE $1 ORDER BY name", [.text(pattern)]).map {
                    try $0.text("name")
                }
            }
        }
        #expect(try await matching("a%") == ["a", "a b", "a-b", "ab"])
        #expect(try await matching("\\") == ["\\"])
        #expect(try await matching("\\%") == ["\\"])
        let range = try await database.read { sql in
            try sql.rows(
                "SELECT name FROM items WHERE name > $1 AND name < $2 ORDER BY name", [.text("A"), .text("a")]
            )
            .map { try $0.text("name") }
        }
        #expect(range == ["B", "Z", "\\", "_"])
        let upper = try await database.read { sql in
            try sql.rows("SELECT name FROM items WHERE lower(name) LIKE lower($1) ORDER BY name", [.text("A")]).count
        }
        #expect(upper == 2)
    }

    @Test("sums and counts are whole numbers, averages are not")
    func aggregates() async throws {
        let row = try await database.write { sql in
            for id in [1, 2, 4] { try sql.execute("INSERT INTO items (id, name) VALUES ($1, 'x')", [.integer(id)]) }
            return try sql.row(
                "SELECT SUM(id) AS total, COUNT(*) AS n, AVG(id) AS mean, MAX(id) AS top, SUM(-id) AS under FROM items")
        }
        let found = try #require(row)
        #expect(try found.integer("total") == 7)
        #expect(try found.integer("under") == -7)
        #expect(try found.int("n") == 3)
        #expect(try abs(found.real("mean") - 7.0 / 3) < 1e-12)
        #expect(try found.int("top") == 4)
    }

    @Test("text with NUL is refused and spoils nothing")
    func refusesNUL() async throws {
        let insert: @Sendable (SQLConnection) throws -> Int = { sql in
            try sql.execute("INSERT INTO items (id, name) VALUES ($1, $2)", [.integer(1), .text("a\0b")])
        }
        let error = await #expect(throws: MartletError.self) { try await database.write(insert) }
        #expect(error?.code == .invalidArgument)
        try await Self.insert(1, into: database)
    }

    @Test("a migration whose text was changed after it was applied is refused; its layout may change")
    func changedMigration() async throws {
        let path = folder.path + "/changed.db"
        try await Database.test(path, migrations: [Self.items], clock: ManualClock()).close()
        var reformatted = Self.items
        reformatted.sql = reformatted.sql.replacing(" ", with: "\n   ")
        try await Database.test(path, migrations: [reformatted], clock: ManualClock()).close()
        var changed = Self.items
        changed.sql = changed.sql.replacing("NOT NULL", with: "")
        let error = #expect(throws: MartletError.self) {
            try Database.test(path, migrations: [changed], clock: ManualClock())
        }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("1 (items)") == true)
    }

    @Test("a migration that fails leaves nothing of itself, and those before it stay")
    func failingMigration() async throws {
        let path = folder.path + "/failing.db"
        let broken = Migration(
            number: 2, name: "broken", sql: "CREATE TABLE half (id BIGINT); INSERT INTO nothing VALUES (1)")
        #expect(throws: (any Error).self) {
            try Database.test(path, migrations: [Self.items, broken], clock: ManualClock())
        }
        let mended = Migration(number: 2, name: "mended", sql: "CREATE TABLE half (id BIGINT)")
        let database = try Database.test(path, migrations: [Self.items, mended], clock: ManualClock())
        let status = try await database.status(migrations: [Self.items, mended], clock: ManualClock())
        #expect(status.applied.map(\.number) == [1, 2])
        #expect(status.pending.isEmpty)
        #expect(status.tables.contains { $0.name == "half" })
        #expect(status.bytes > 0)
    }
}
