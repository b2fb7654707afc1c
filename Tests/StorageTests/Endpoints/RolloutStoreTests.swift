import Domain
import Storage
import TestSupport
import Testing

@Suite("Endpoints and rollouts in registry.db", .everyEngine, .namingEngine)
struct RolloutStoreTests {
    private let folder: TemporaryFolder
    private let clock = ManualClock()
    private let database: Database
    private let store: RolloutStore
    private let endpoints: EndpointStore
    private let registry: RegistryStore
    private let olga = Principal(id: .init(rawValue: "p1"), name: "olga", roles: [.operator])

    init() async throws {
        folder = try TemporaryFolder()
        database = try Database.test(
            folder.path + "/registry.db", migrations: Migrations.registry, clock: clock)
        store = RolloutStore(database: database, clock: clock)
        endpoints = EndpointStore(database: database)
        registry = RegistryStore(database: database, clock: clock)
        for model in ["pump", "wear"] {
            _ = try await registry.create(name: model, description: nil, tags: [:], by: olga)
            let rows = (1...3).map { "('\(model)', \($0), 0, 0, 'None', 's', 'r', 'p1', 'olga')" }
            _ = try await database.write { sql in
                try sql.execute(
                    """
                    INSERT INTO model_versions (name, version, created_at, updated_at, stage, source, artifact_root,
                        created_by, created_by_name) VALUES \(rows.joined(separator: ", "))
                    """)
            }
        }
    }

    private func draft(_ version: Int, model: String = "wear") -> RolloutDraft {
        RolloutDraft(
            candidate: ModelVersionID(model: model, version: version), plan: RolloutPlan(), guardrails: Guardrails(),
            policyVersion: 4, championAlias: "champion")
    }

    private static func event(_ rollout: Rollout, _ kind: String) -> RolloutAction {
        .record(
            RolloutEvent(
                rolloutID: rollout.id, time: rollout.updatedAt, kind: kind, step: rollout.step, detail: "d",
                evidence: nil))
    }

    @Sendable private static func promote(_ rollout: Rollout) -> RolloutTransition {
        var next = rollout
        next.state = .promoted
        next.step = rollout.plan.steps.count
        return RolloutTransition(
            rollout: next,
            actions: [
                .setVariants([Variant(version: rollout.candidate, role: .champion, weightBasisPoints: 10_000)]),
                .moveChampion(to: rollout.candidate), event(next, "promoted"),
            ])
    }

    @Sendable private static func begin(_ rollout: Rollout) -> RolloutTransition {
        var next = rollout
        next.state = .progressing
        return RolloutTransition(
            rollout: next,
            actions: [
                event(next, "started"),
                .setVariants([
                    Variant(version: 1, role: .champion, weightBasisPoints: 9_000),
                    Variant(version: rollout.candidate, role: .candidate, weightBasisPoints: 1_000),
                ]),
            ])
    }

    private func audit() async throws -> [String] {
        try await database.read { sql in
            try sql.rows("SELECT action FROM audit_events ORDER BY sequence").map { try $0.text("action") }
        }
    }

    @Test("a promotion routes the endpoint and moves the champion alias in the same transaction")
    func promotion() async throws {
        let rollout = try await store.start(draft(1), by: olga, Self.promote)
        #expect(rollout.id == 1 && rollout.champion == nil && rollout.state == .promoted)
        let endpoint = try await endpoints.endpoint("wear")
        #expect(endpoint.champion == Variant(version: 1, role: .champion, weightBasisPoints: 10_000))
        #expect(endpoint.rolloutID == nil && endpoint.policyVersion == 4)
        #expect(try await registry.model("wear").aliases == ["champion": 1])
        let expected = ["endpoint.create", "endpoint.route", "alias.set", "rollout.start"]
        #expect(try await audit().suffix(4) == expected[...])
        #expect(try await store.events(1).map(\.kind) == ["promoted"])
    }

    @Test("what fails in the middle leaves nothing behind")
    func nothingHalf() async throws {
        let before = try await audit().count
        await #expect(throws: MartletError.self) {
            _ = try await store.start(draft(1), by: olga) { rollout in
                var transition = Self.promote(rollout)
                // There is no version 9: the alias cannot move.
                transition.actions.append(.moveChampion(to: 9))
                return transition
            }
        }
        #expect(try await endpoints.endpointList().endpoints.isEmpty)
        #expect(try await endpoints.endpointList().generation == 0)
        #expect(try await registry.model("wear").aliases.isEmpty)
        #expect(try await store.rollouts(endpoint: nil, before: nil, limit: 10).isEmpty)
        #expect(try await audit().count == before)
    }

    @Test("one rollout an endpoint is under way at a time; its step is noted for traces and gone when it is over")
    func oneActive() async throws {
        _ = try await store.start(draft(1), by: olga, Self.promote)
        let rollout = try await store.start(draft(2), by: olga, Self.begin)
        #expect(rollout.champion == 1 && rollout.startedBy == "olga")
        let during = try await endpoints.endpoint("wear")
        #expect(during.rolloutID == rollout.id && during.rolloutStep == 0)
        #expect(during.variants.map(\.weightBasisPoints) == [9_000, 1_000])
        await #expect(throws: MartletError.self) { try await store.start(draft(3), by: olga, Self.begin) }
        #expect(try await store.activeRollouts().map(\.id) == [rollout.id])
        _ = try await store.change(rollout.id, by: .rolloutController, Self.promote)
        #expect(try await endpoints.endpoint("wear").rolloutID == nil)
        #expect(try await endpoints.endpointList().previousChampions == [ModelVersionID(model: "wear", version: 1)])
        #expect(try await store.activeRollouts().isEmpty)
        #expect(try await store.start(draft(3), by: olga, Self.begin).id == rollout.id + 1)
        await #expect(throws: MartletError.self) { try await store.start(draft(2), by: olga, Self.begin) }
    }

    @Test("of one step's evaluations only the newest stays, and none of them grows the audit chain or the generation")
    func evaluations() async throws {
        _ = try await store.start(draft(1), by: olga, Self.promote)
        let rollout = try await store.start(draft(2), by: olga, Self.begin)
        let audited = try await audit().count
        let generation = try await endpoints.endpointList().generation
        for _ in 0..<5 {
            _ = try await store.change(rollout.id, by: .rolloutController) {
                RolloutTransition(rollout: $0, actions: [Self.event($0, "evaluated")])
            }
        }
        #expect(try await store.events(rollout.id).map(\.kind) == ["started", "evaluated"])
        #expect(try await audit().count == audited)
        #expect(try await endpoints.endpointList().generation == generation)
    }

    @Test("endpoint ids are small and differ; a refused change changes nothing; pages go down by id")
    func idsAndPages() async throws {
        _ = try await store.start(draft(1), by: olga, Self.promote)
        _ = try await store.start(draft(1, model: "pump"), by: olga, Self.promote)
        #expect(try await endpoints.endpointList().endpoints.map(\.id) == [2, 1])
        await #expect(throws: MartletError.self) {
            _ = try await store.change(1, by: olga) { _ in throw MartletError.precondition("no") }
        }
        #expect(try await store.rollouts(endpoint: nil, before: nil, limit: 1).map(\.id) == [2])
        #expect(try await store.rollouts(endpoint: nil, before: 2, limit: 9).map(\.id) == [1])
        #expect(try await store.rollouts(endpoint: "pump", before: nil, limit: 9).map(\.endpoint) == ["pump"])
        await #expect(throws: MartletError.self) { try await store.rollout(99) }
    }

    @Test("a model in service cannot be deleted; renamed, its endpoint and rollouts follow")
    func modelChanges() async throws {
        _ = try await store.start(draft(1), by: olga, Self.promote)
        for call in [
            { try await registry.delete("wear", by: olga) },
            { try await registry.deleteVersion(ModelVersionID(model: "wear", version: 1), by: olga) },
        ] {
            let error = await #expect(throws: MartletError.self) { try await call() }
            #expect(error?.code == .failedPrecondition && error?.message.contains("cannot be deleted") == true)
        }
        #expect(try await registry.model("wear").aliases == ["champion": 1])
        _ = try await registry.rename("wear", to: "wear-2", by: olga)
        #expect(try await endpoints.endpoint("wear-2").champion?.version == 1)
        #expect(try await store.rollout(1).endpoint == "wear-2")
    }
}
