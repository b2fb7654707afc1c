import Domain
import Storage
import TestSupport
import Testing

@Suite("Policies, approvals and readiness in registry.db", .everyEngine, .namingEngine)
struct GovernanceStoreTests {
    private let folder: TemporaryFolder
    private let clock = ManualClock()
    private let database: Database
    private let policies: PolicyStore
    private let approvals: ApprovalStore
    private let pat = Principal(id: .init(rawValue: "p1"), name: "pat", roles: [.contributor])
    private let lee = Principal(id: .init(rawValue: "p2"), name: "lee", roles: [.approver])
    private let version = ModelVersionID(model: "wear", version: 1)

    init() async throws {
        folder = try TemporaryFolder()
        database = try Database.test(folder.path + "/registry.db", migrations: Migrations.registry, clock: clock)
        policies = PolicyStore(database: database, clock: clock)
        approvals = ApprovalStore(database: database, clock: clock)
        _ = try await RegistryStore(database: database, clock: clock).create(
            name: "wear", description: nil, tags: [:], by: pat)
        _ = try await database.write { sql in
            try sql.execute(
                """
                INSERT INTO model_versions (name, version, created_at, updated_at, stage, source, artifact_root,
                    created_by, created_by_name) VALUES ('wear', 1, 0, 0, 'None', 's', 'r', 'p1', 'pat')
                """)
        }
    }

    private func policy(_ owner: String, count: Int = 1, alias: String = "champion") -> Policy {
        var policy = Policy(model: "wear", owner: owner, purpose: "p", task: .regression)
        policy.approvals.count = count
        policy.championAlias = alias
        return policy
    }

    @discardableResult
    private func apply(_ policy: Policy, loosens: [String] = []) async throws -> PolicyVersion {
        clock.advance(seconds: 10)
        return try await policies.apply(policy, document: "text of \(policy.owner)", by: pat) { _, _ in loosens }
    }

    private func actions() async throws -> [String] {
        try await database.read { sql in
            try sql.rows("SELECT action FROM audit_events ORDER BY sequence").map { try $0.text("action") }
        }.filter { $0.hasPrefix("policy") || $0.hasPrefix("approval") }
    }

    private func report() -> ReadinessReport {
        ReadinessReport(version: version, policyVersion: 1, time: clock.now(), rows: [])
    }

    private func decide(_ id: Int64, _ state: Approval.State) async throws -> Approval {
        let now = clock.now()
        let lee = lee
        return try await approvals.decide(id, by: lee) { approval, _ in
            var after = approval
            after.state = state
            after.decisions = [
                .init(
                    principal: lee.id, principalName: "lee", approves: state == .approved, reason: "r", time: now)
            ]
            return after
        }
    }

    @Test("the first is in force at once, a stricter one takes its place, an equal one makes no version")
    func succession() async throws {
        let first = try await apply(policy("a"))
        #expect(first.state == .inForce && first.version == 1 && first.inForceAt == clock.now())
        #expect(try await apply(policy("a")).version == 1)
        let second = try await apply(policy("b"))
        #expect(second.version == 2 && second.state == .inForce && second.document == "text of b")
        #expect(try await policies.policyVersions("wear").map(\.state) == [.inForce, .superseded])
        #expect(try await policies.policyInForce("wear")?.policy == policy("b"))
        #expect(try await policies.championAlias(model: "wear") == "champion")
        #expect(try await policies.championAlias(model: "other") == nil)
        #expect(try await actions() == ["policy.apply", "policy.in_force", "policy.apply", "policy.in_force"])
    }

    @Test("what loosens waits under the rule in force, blocks the next, and governs once approved")
    func loosening() async throws {
        try await apply(policy("a", count: 2))
        let waiting = try await apply(policy("b", count: 1), loosens: ["less"])
        #expect(waiting.state == .pendingApproval && waiting.inForceAt == nil && waiting.loosens == ["less"])
        #expect(try await policies.policyInForce("wear")?.version == 1)
        let request = try #require(
            try await approvals.approvals(model: "wear", state: .pending, before: nil, limit: 9).first)
        #expect(request.subject == .policy(model: "wear", version: 2) && request.rule.count == 2)
        await #expect(throws: MartletError.self) { try await apply(policy("c")) }
        clock.advance(seconds: 5)
        _ = try await decide(request.id, .approved)
        let governs = try #require(try await policies.policyInForce("wear"))
        #expect(governs.version == 2 && governs.inForceAt == clock.now())
        #expect(try await policies.policyVersions("wear").map(\.state) == [.inForce, .superseded])
        #expect(try await actions().suffix(2) == ["approval.approve", "policy.in_force"])
    }

    @Test("a rejected loosening never governs, and makes room for another")
    func rejected() async throws {
        try await apply(policy("a"))
        try await apply(policy("b"), loosens: ["less"])
        _ = try await decide(1, .rejected)
        #expect(try await policies.policyVersions("wear").map(\.state) == [.rejected, .inForce])
        #expect(try await apply(policy("c")).version == 3)
    }

    @Test("one request of a version waits at a time; a new policy closes the old one")
    func requests() async throws {
        let first = try await apply(policy("a"))
        let request = try await approvals.request(version, policyVersion: first, readiness: report(), by: pat)
        #expect(try await approvals.readiness(ofApproval: request.id) == report())
        await #expect(throws: MartletError.self) {
            try await approvals.request(version, policyVersion: first, readiness: report(), by: pat)
        }
        let second = try await apply(policy("b"))
        await #expect(throws: MartletError.self) {
            try await approvals.request(version, policyVersion: first, readiness: report(), by: pat)
        }
        let again = try await approvals.request(version, policyVersion: second, readiness: report(), by: pat)
        #expect(again.id == request.id + 1)
        #expect(try await approvals.approvals(of: version).map(\.state) == [.pending, .rejected])
        await #expect(throws: MartletError.self) {
            try await approvals.request(
                ModelVersionID(model: "wear", version: 9), policyVersion: second, readiness: report(), by: pat)
        }
    }

    @Test("a decision that is refused changes nothing and leaves no trace in the chain")
    func refused() async throws {
        let first = try await apply(policy("a"))
        let request = try await approvals.request(version, policyVersion: first, readiness: report(), by: pat)
        let before = try await actions()
        await #expect(throws: MartletError.self) {
            try await approvals.decide(request.id, by: lee) { _, _ in throw MartletError.precondition("no") }
        }
        #expect(try await approvals.approval(request.id) == request)
        #expect(try await actions() == before)
    }

    @Test("of measurements the newest counts, of readiness the last, and both go with their version")
    func readiness() async throws {
        let store = ReadinessStore(database: database)
        for rate in 1...25 {
            _ = try await store.save(
                PerformanceMeasurement(
                    time: clock.now(), requests: 1, p50Milliseconds: 1, p99Milliseconds: 1,
                    requestsPerSecond: Double(rate), cpuMicrosecondsPerRequest: 1, machine: "m"), of: version)
        }
        let newest = try #require(try await store.newestMeasurement(of: version))
        #expect(newest.id == 25 && newest.measurement.requestsPerSecond == 25)
        let kept = try await database.read { try $0.row("SELECT COUNT(*) AS n FROM measurements")?.int("n") }
        #expect(kept == 20)
        try await store.save(report())
        clock.advance(seconds: 1)
        try await store.save(report())
        #expect(try await store.lastReport(of: version)?.time == clock.now())
        _ = try await database.write { try $0.execute("DELETE FROM model_versions") }
        #expect(try await store.lastReport(of: version) == nil)
        #expect(try await store.newestMeasurement(of: version) == nil)
    }
}
