import Domain
import Storage
import TestSupport
import Testing

@Suite("Alerts in registry.db", .everyEngine, .namingEngine)
struct SQLAlertStoreTests {
    private let folder: TemporaryFolder
    private let store: SQLAlertStore

    init() throws {
        folder = try TemporaryFolder()
        store = SQLAlertStore(
            database: try Database.test(
                folder.path + "/registry.db", migrations: Migrations.registry, clock: ManualClock()))
    }

    private func alert(_ endpoint: String, _ state: Alert.State) -> Alert {
        Alert(
            id: 0, endpoint: endpoint, version: 2, kind: .featureDrift, subject: "heat", state: state, detail: "d",
            value: 0.5, threshold: 0.2, startedAt: Timestamp(milliseconds: 5), updatedAt: Timestamp(milliseconds: 6))
    }

    @Test("new alerts get numbers, known ones change, and lists are filtered and paged")
    func alerts() async throws {
        var stored = try await store.record(verdicts: [], alerts: [alert("a", .firing), alert("b", .pending)])
        #expect(stored.map(\.id) == [1, 2])
        stored[0].state = .resolved
        stored[0].resolvedAt = Timestamp(milliseconds: 9)
        _ = try await store.record(verdicts: [], alerts: [stored[0]])
        #expect(try await store.openAlerts().map(\.id) == [2])
        #expect(try await store.alerts(endpoint: "a", state: nil, before: nil, limit: 10) == [stored[0]])
        #expect(try await store.alerts(endpoint: nil, state: .pending, before: nil, limit: 10).map(\.id) == [2])
        #expect(try await store.alerts(endpoint: nil, state: nil, before: 2, limit: 10).map(\.id) == [1])
    }

    @Test("verdicts come back whole and go by age")
    func verdicts() async throws {
        let verdict = MonitorVerdict(
            endpoint: "a", version: 1, windowStart: Timestamp(milliseconds: 1), windowEnd: Timestamp(milliseconds: 10),
            kind: .outOfRange, subject: "heat", value: 0.1, threshold: 0.05, pValue: 1e-9, significance: 0.001,
            rows: 200,
            isBroken: true, detail: "d")
        _ = try await store.record(verdicts: [verdict], alerts: [])
        #expect(
            try await store.brokenVerdicts(endpoint: "a", from: Timestamp(milliseconds: 0), limit: 10) == [verdict])
        #expect(try await store.pruneVerdicts(before: Timestamp(milliseconds: 10)) == 0)
        #expect(try await store.pruneVerdicts(before: Timestamp(milliseconds: 11)) == 1)
    }
}
