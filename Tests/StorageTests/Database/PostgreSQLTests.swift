import Domain
import Foundation
import Logging
import TestSupport
import Testing

@testable import Storage

@Suite(
    "PostgreSQL: what only a server can do to us",
    .enabled(if: TestEngine.available.contains(.postgresql), "PostgreSQL is not installed: run script/bootstrap."))
struct PostgreSQLTests {
    private static let items = Migration(
        number: 1, name: "items", sql: "CREATE TABLE items (id BIGINT PRIMARY KEY, name TEXT NOT NULL)")

    private let cluster: PostgreSQLCluster
    private let proxy: CuttingProxy
    private let schema = "t_" + Hex.random(bytes: 8)

    init() throws {
        cluster = try PostgreSQLCluster.shared.get()
        proxy = try CuttingProxy(to: cluster.socket)
    }

    /// - Parameter throughProxy: whether its connections can be cut.
    private func open(throughProxy: Bool = false, mustConnect: Bool = true) throws -> Database {
        let url =
            throughProxy ? "postgresql://martlet@127.0.0.1:\(proxy.port)/postgres?sslmode=disable" : cluster.url()
        return try Database(
            postgresql: PostgreSQLAddress(url), schema: schema, migrations: [Self.items], clock: ManualClock(),
            mustConnect: mustConnect, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private static func insert(_ id: Int, _ database: Database) async throws {
        _ = try await database.write { sql in
            try sql.execute("INSERT INTO items (id, name) VALUES ($1, $2)", [.integer(id), .text("n\(id)")])
        }
    }

    private func ids(_ database: Database) async throws -> [Int] {
        try await database.read { try $0.rows("SELECT id FROM items ORDER BY id").map { try $0.int("id") } }
    }

    @Test("a connection that is cut before the commit leaves nothing, and the next write goes through")
    func cutBeforeCommit() async throws {
        let database = try open(throughProxy: true)
        proxy.set(.before("\u{0}COMMIT\u{0}"))
        let error = await #expect(throws: MartletError.self) { try await Self.insert(1, database) }
        #expect(error?.code == .unavailable)
        proxy.set(.never)
        #expect(try await ids(try open()) == [])
        try await Self.eventually { try await Self.insert(2, database) }
        #expect(try await ids(database) == [2])
    }

    @Test("a commit whose answer is lost is found to be there and is acknowledged")
    func cutAfterCommit() async throws {
        let database = try open(throughProxy: true)
        proxy.set(.after("\u{0}COMMIT\u{0}"))
        // The commit's fate is asked for on a new connection, whose own COMMIT-less transaction passes.
        try await Self.insert(1, database)
        proxy.set(.never)
        #expect(try await ids(try open()) == [1])
    }

    @Test("a connection that is cut in the middle of a group fails all of it, and nothing of it is there")
    func cutInTheMiddle() async throws {
        let database = try open(throughProxy: true)
        let proxy = proxy
        let error = await #expect(throws: MartletError.self) {
            try await database.write { sql in
                try sql.execute("INSERT INTO items (id, name) VALUES (7, 'x')")
                proxy.cutNow()
                try sql.execute("INSERT INTO items (id, name) VALUES (8, 'y')")
            }
        }
        #expect(error?.code == .unavailable)
        #expect(try await ids(try open()) == [])
    }

    @Test("reads survive the loss of their idle connections")
    func idleLoss() async throws {
        let database = try open(throughProxy: true)
        #expect(try await ids(database) == [])
        proxy.cutNow()
        #expect(try await ids(database) == [])
        proxy.cutNow()
        try await Self.insert(1, database)
    }

    @Test("a server that is not there yet is waited for, and found up to date when it comes")
    func lateServer() async throws {
        let folder = try TemporaryFolder()
        let place = folder.path + "/late"
        let away = try CuttingProxy(to: place)
        let url = "postgresql://martlet@127.0.0.1:\(away.port)/postgres?sslmode=disable"
        let database = try Database(
            postgresql: PostgreSQLAddress(url), schema: schema, migrations: [Self.items], clock: ManualClock(),
            mustConnect: false, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let error = await #expect(throws: MartletError.self) { try await Self.insert(1, database) }
        #expect(error?.code == .unavailable)
        #expect(throws: MartletError.self) {
            try Database(
                postgresql: PostgreSQLAddress(url), schema: schema, migrations: [Self.items], clock: ManualClock())
        }
        try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: cluster.socket)
        try await Self.eventually { try await Self.insert(1, database) }
        #expect(try await ids(database) == [1])
    }

    @Test("two servers on one database do not take the same number, and their audit chain does not fork")
    func twoWriters() async throws {
        let make = { [cluster, schema] in
            try Database(
                postgresql: PostgreSQLAddress(cluster.url()), schema: schema, migrations: Migrations.registry,
                clock: ManualClock())
        }
        let databases = [try make(), try make()]
        let draft = AuditDraft(actor: .developer, action: "test.change", subject: "things/1", after: ["a": 1])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                let database = databases[number % 2]
                group.addTask {
                    try await database.write { try $0.appendAudit(draft, at: Timestamp(milliseconds: 1)) }
                }
            }
            try await group.waitForAll()
        }
        let events = try await AuditStore(database: databases[0]).events(after: 0, through: .max)
        #expect(events.map(\.sequence) == Array(1...200))
        for (event, next) in zip(events, events.dropFirst()) { #expect(next.previousHash == event.hash) }
    }

    @Test("statements sent without waiting fail their own write and no other of the group")
    func pipelined() async throws {
        let database = try open()
        let failures = await withTaskGroup(of: Bool.self) { group in
            for id in 0..<100 {
                group.addTask {
                    do {
                        try await database.write { sql in
                            let insert = "INSERT INTO items (id, name) VALUES ($1, $2)"
                            try sql.send(insert, [.integer(id), .text("a")])
                            // The same again breaks the primary key of every third.
                            if id.isMultiple(of: 3) { try sql.send(insert, [.integer(id), .text("b")]) }
                        }
                        return false
                    } catch {
                        return (error as? MartletError)?.code == .alreadyExists
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(failures == 34)
        #expect(try await ids(database) == (0..<100).filter { !$0.isMultiple(of: 3) })
    }

    @Test("more shapes of statement than are kept prepared all work")
    func manyStatements() async throws {
        let database = try open()
        let sum = try await database.read { sql in
            try (0..<1_200).reduce(0) { $0 + (try sql.row("SELECT \($1) AS n, $1 AS m", [.integer(1)])?.int("m") ?? 0) }
        }
        #expect(sum == 1_200)
    }

    @Test("a password never shows in a description of the address")
    func hidesPassword() throws {
        let address = try PostgreSQLAddress("postgresql://ada:hunter2@db.example:6432/models")
        var dumped = ""
        dump(address, to: &dumped)
        for text in ["\(address)", String(reflecting: address), dumped] { #expect(!text.contains("hunter2")) }
        let error = #expect(throws: MartletError.self) { try PostgreSQLAddress("postgresql://ada:hunter2%zz@h/d") }
        #expect(error?.message.contains("hunter2") == false)
    }

    /// Tries again while connections are held back after a failure.
    private static func eventually(_ body: () async throws -> Void) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            do { return try await body() } catch  where ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}
