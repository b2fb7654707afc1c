import Domain
import Storage
import TestSupport
import Testing

@Suite("Prediction log", .everyEngine, .namingEngine)
struct PredictionLogStoreTests {
    private let folder: TemporaryFolder
    private let store: PredictionLogStore

    init() throws {
        folder = try TemporaryFolder()
        store = PredictionLogStore(
            database: try Database.test(
                folder.path + "/observations.db", migrations: Migrations.observations, clock: ManualClock()))
    }

    private func record(_ id: String, at milliseconds: Int64 = 1) -> PredictionRecord {
        PredictionRecord(
            id: PredictionID(rawValue: id), time: Timestamp(milliseconds: milliseconds), endpoint: "m", version: 2,
            input: [0, 255, 1], output: [], runtime: "r")
    }

    @Test("a record comes back byte for byte; an unknown id has none")
    func roundTrip() async throws {
        try await store.append(record("a"))
        #expect(try await store.record(PredictionID(rawValue: "a")) == record("a"))
        #expect(try await store.record(PredictionID(rawValue: "b")) == nil)
    }

    @Test("offered records are stored by run, and refused when the queue is full")
    func offered() async throws {
        let accepted = (0..<PredictionLogStore.waitingMax + 10).count { store.offer(record("o\($0)")) }
        #expect(accepted == PredictionLogStore.waitingMax)
        store.finish()
        await store.run { Issue.record("not stored: \($0)") }
        #expect(try await store.record(PredictionID(rawValue: "o0")) != nil)
        #expect(try await store.record(PredictionID(rawValue: "o\(PredictionLogStore.waitingMax - 1)")) != nil)
    }

    @Test("only what is older than asked is forgotten, oldest first")
    func prune() async throws {
        for time in 1...5 { try await store.append(record("t\(time)", at: Int64(time))) }
        #expect(try await store.prune(before: Timestamp(milliseconds: 4), rowsMax: 2) == 2)
        #expect(try await store.record(PredictionID(rawValue: "t3")) != nil)
        #expect(try await store.prune(before: Timestamp(milliseconds: 4), rowsMax: 10) == 1)
    }
}
