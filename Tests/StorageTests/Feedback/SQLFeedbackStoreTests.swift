import Domain
import Storage
import TestSupport
import Testing

@Suite("Feedback in registry.db", .everyEngine, .namingEngine)
struct SQLFeedbackStoreTests {
    private let folder: TemporaryFolder
    private let registry: Database
    private let store: SQLFeedbackStore

    init() throws {
        folder = try TemporaryFolder()
        registry = try Database.test(
            folder.path + "/registry.db", migrations: Migrations.registry, clock: ManualClock())
        store = SQLFeedbackStore(database: registry)
    }

    private func entry(
        _ id: String?, key: String? = nil, row: Int = 0, label: String? = nil, override: String? = nil,
        kpis: [String: Double] = [:], at milliseconds: Int64 = 1
    ) -> Feedback {
        Feedback(
            predictionID: id.map(PredictionID.init(rawValue:)), businessKey: key, endpoint: "e", row: row, label: label,
            override: override, kpis: kpis, time: Timestamp(milliseconds: milliseconds), principal: "p")
    }

    @Test(
        "a repeat changes nothing, a correction replaces and keeps what it replaced, a later figure adds to the label")
    func corrections() async throws {
        #expect(
            try await store.record([entry("a", label: "1"), entry("a", row: 1, label: "0")], by: .developer)
                == FeedbackReceipt(accepted: 2))
        #expect(
            try await store.record([entry("a", label: "1", at: 2)], by: .developer) == FeedbackReceipt(unchanged: 1))
        #expect(
            try await store.record([entry("a", label: "0", at: 3)], by: .developer) == FeedbackReceipt(corrected: 1))
        #expect(
            try await store.record([entry("a", kpis: ["saved": 5], at: 4)], by: .developer)
                == FeedbackReceipt(corrected: 1))
        let known = try await store.feedback(of: PredictionID(rawValue: "a"))
        #expect(known.map(\.label) == ["1", "0", "0", "0"])
        #expect(known.map(\.row) == [0, 0, 0, 1])
        #expect(known.map(\.time.milliseconds) == [1, 3, 4, 1])
        let labelled = try await store.newestLabelled(endpoint: "e", since: Timestamp(milliseconds: 0), limit: 10)
        #expect(labelled.map(\.label) == ["0", "0"])
        #expect(labelled.first?.kpis == ["saved": 5])
        #expect(try await store.newestWithKPIs(endpoint: "e", since: Timestamp(milliseconds: 0), limit: 10).count == 1)
        #expect(try await store.newestLabelled(endpoint: "f", since: Timestamp(milliseconds: 0), limit: 10).isEmpty)
    }

    @Test("a business key is its own target; text is stored as it came")
    func businessKey() async throws {
        let label = "'; DROP TABLE feedback; -- \u{1} <b>\n"
        _ = try await store.record([entry(nil, key: "order 7", label: label)], by: .developer)
        let found = try await store.feedback(endpoint: "e", businessKey: "order 7")
        #expect(found.map(\.label) == [label])
        #expect(try await store.feedback(of: PredictionID(rawValue: "order 7")).isEmpty)
    }

    @Test("an override is audited, a label is not, and a list that fails leaves nothing behind")
    func auditAndAtomicity() async throws {
        _ = try await store.record([entry("a", label: "1"), entry("a", override: "0", at: 2)], by: .developer)
        _ = try await store.record([entry("a", override: "0", at: 3)], by: .developer)
        let actions = try await registry.read {
            try $0.rows("SELECT action FROM audit_events").map { try $0.text("action") }
        }
        #expect(actions == ["prediction.override"])
        await #expect(throws: MartletError.self) {
            _ = try await store.record([entry("b", label: "1"), entry(nil, label: "1")], by: .developer)
        }
        #expect(try await store.feedback(of: PredictionID(rawValue: "b")).isEmpty)
    }
}
