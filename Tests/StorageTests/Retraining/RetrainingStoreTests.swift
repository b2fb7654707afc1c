import Domain
import Storage
import TestSupport
import Testing

@Suite("Retraining runs in registry.db", .everyEngine, .namingEngine)
struct RetrainingStoreTests {
    private let folder: TemporaryFolder
    private let clock = ManualClock()
    private let database: Database
    private let store: RetrainingStore

    init() throws {
        folder = try TemporaryFolder()
        database = try Database.test(folder.path + "/registry.db", migrations: Migrations.registry, clock: clock)
        store = RetrainingStore(database: database, clock: clock)
    }

    private func begin(_ model: String = "wear", cooldown: Double = 0) async throws -> RetrainingRun {
        try await store.begin(
            model: model, trigger: .alert, reason: "r", cooldownSeconds: cooldown, by: .monitor)
    }

    private func end(_ run: RetrainingRun) async throws {
        var ended = run
        ended.state = .succeeded
        ended.endedAt = clock.now()
        ended.logTail = "said\0so"
        ended.versions = [4]
        try await store.end(ended)
    }

    @Test("one run of a model at a time, and none within the cooldown of the last start")
    func oneAtATime() async throws {
        let first = try await begin()
        await #expect(throws: MartletError.self) { try await begin() }
        _ = try await begin("other")
        try await end(first)
        clock.advance(seconds: 59)
        await #expect(throws: MartletError.self) { try await begin(cooldown: 60) }
        clock.advance(seconds: 1)
        #expect(try await begin(cooldown: 60).id == 3)
    }

    @Test("how it ended is kept with its log; lists leave the log out")
    func ended() async throws {
        let run = try await begin()
        try await end(run)
        let kept = try await store.run(run.id)
        #expect(kept.state == .succeeded && kept.versions == [4] && kept.logTail == "said\u{FFFD}so")
        #expect(try await store.runs(model: "wear", before: nil, limit: 9).map(\.logTail) == [""])
        #expect(try await store.runs(model: nil, before: run.id, limit: 9).isEmpty)
        await #expect(throws: MartletError.self) { try await store.run(9) }
        let actions = try await database.read { sql in
            try sql.rows("SELECT action, actor_name FROM audit_events ORDER BY sequence").map {
                try $0.text("action") + " by " + $0.text("actor_name")
            }
        }
        #expect(actions.suffix(2) == ["retraining.start by monitor", "retraining.end by retraining"])
    }

    @Test("what a stop of the server cut off is marked, and makes room for the next")
    func interrupted() async throws {
        let run = try await begin()
        #expect(try await store.markInterrupted() == 1)
        #expect(try await store.markInterrupted() == 0)
        let kept = try await store.run(run.id)
        #expect(kept.state == .interrupted && kept.endedAt == clock.now())
        #expect(try await begin().id == 2)
    }
}
