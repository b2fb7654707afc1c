import Domain
import Foundation
import Storage
import TestSupport
import Testing

@Suite("Database: grouped, durable writes")
struct DatabaseTests {
    private static let items = Migration(
        number: 1, name: "items", sql: "CREATE TABLE items (id BIGINT PRIMARY KEY, name TEXT NOT NULL)")

    private let folder: TemporaryFolder
    private let database: Database

    init() throws {
        folder = try TemporaryFolder()
        database = try Database(path: folder.path + "/test.db", migrations: [Self.items], clock: ManualClock())
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
        let newer = try Database(path: path, migrations: [Self.items, future], clock: ManualClock())
        try await newer.close()
        let error = #expect(throws: MartletError.self) {
            try Database(path: path, migrations: [Self.items], clock: ManualClock())
        }
        #expect(error?.message.contains("99") == true)
    }

    @Test("an audit event is there if and only if its change is")
    func auditInTheSameTransaction() async throws {
        let registry = try Database(
            path: folder.path + "/registry.db", migrations: Migrations.registry, clock: ManualClock())
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
}
