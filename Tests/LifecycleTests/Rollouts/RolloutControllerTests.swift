import Domain
import Lifecycle
import Logging
import Synchronization
import TestSupport
import Testing

@Suite("The rollout controller")
struct RolloutControllerTests {
    let clock = ManualClock()
    let store: FakeRollouts
    let evidence = FakeEvidence()
    let receiver = FakeReceiver()
    let controller: RolloutController
    let olga = Principal(id: .init(rawValue: "p1"), name: "olga", roles: [.operator])

    static let policy: PolicyVersion = {
        let policy = Policy(model: "wear", owner: "o", purpose: "p", task: .regression)
        return PolicyVersion(
            model: "wear", version: 3, policy: policy, document: "", state: .inForce,
            author: Principal.ID(rawValue: "a"), authorName: "a", appliedAt: Timestamp(milliseconds: 0), loosens: [])
    }()

    init() {
        store = FakeRollouts(now: clock.now())
        store.state.withLock {
            $0.variants["wear"] = [Variant(version: 1, role: .champion, weightBasisPoints: 10_000)]
        }
        controller = Self.controller(store, evidence, receiver, clock)
    }

    static func controller(
        _ store: FakeRollouts, _ evidence: FakeEvidence, _ receiver: FakeReceiver, _ clock: ManualClock
    ) -> RolloutController {
        let logger = Logger(label: "t", factory: { _ in SwiftLogNoOpLogHandler() })
        let policy: @Sendable (String) async throws -> PolicyVersion? = { $0 == "wear" ? Self.policy : nil }
        let gate = RolloutGate(
            policy: policy, isApproved: { $0.version != 8 },
            preparation: { id in
                VersionPreparation(
                    id: id, state: id.version == 9 ? .unservable : .servable, detail: "It has no ONNX file.",
                    preparedAt: Timestamp(milliseconds: 0))
            }, signatures: AnySignature())
        let publisher = SnapshotPublisher(
            endpoints: store, preparations: FakePreparations([("wear", 1), ("wear", 2), ("wear", 5)]), policy: policy,
            receiver: receiver, logger: logger)
        return RolloutController(
            gate: gate, rollouts: store, evidence: evidence, publisher: publisher, clock: clock, logger: logger)
    }

    func id(_ version: Int, _ model: String = "wear") -> ModelVersionID {
        ModelVersionID(model: model, version: version)
    }

    func good(_ requests: Int) -> RolloutEvidence {
        RolloutEvidence(
            candidate: .init(requests: requests), champion: .init(requests: requests), predictionPSI: 0.01)
    }

    func served() -> [Variant]? { receiver.snapshots.withLock { $0.last?.endpoints.first?.variants } }

    @Test("a start needs role, policy, approval and a servable model, and each refusal says which is missing")
    func gate() async throws {
        let vera = Principal(id: .init(rawValue: "p2"), name: "vera", roles: [.viewer, .approver])
        var narrow = olga
        narrow.onlyModel = "pump"
        for (id, principal, word) in [
            (id(2), vera, "role"), (id(2), narrow, "pump"), (id(2, "pump"), olga, "policy"), (id(8), olga, "approved"),
            (id(9), olga, "no ONNX file"),
        ] {
            let error = await #expect(throws: MartletError.self) { try await controller.start(id, by: principal) }
            #expect(error?.message.contains(word) == true)
        }
        #expect(store.state.withLock { $0.rollouts.isEmpty })
    }

    @Test("a good candidate goes step by step to promotion, and the data plane is told of each step")
    func promotion() async throws {
        var rollout = try await controller.start(id(2), by: olga)
        #expect(served()?.map(\.role) == [.champion, .shadow])
        evidence.next.withLock { $0 = good(1000) }
        for step in rollout.plan.steps {
            clock.advance(seconds: step.durationSeconds)
            try await controller.evaluate()
        }
        rollout = try await store.rollout(rollout.id)
        #expect(rollout.state == .promoted)
        #expect(served() == [Variant(version: 2, role: .champion, weightBasisPoints: 10_000)])
        #expect(store.state.withLock { $0.aliases["wear"] } == 2)
    }

    @Test("a broken guardrail rolls back within one evaluation interval")
    func rollback() async throws {
        let rollout = try await controller.start(id(2), by: olga)
        evidence.next.withLock { $0 = good(100) }
        try await controller.evaluate()
        evidence.next.withLock { $0?.predictionPSI = 0.9 }
        clock.advance(seconds: rollout.plan.evaluationIntervalSeconds)
        try await controller.evaluate()
        let after = try await store.rollout(rollout.id)
        #expect(after.state == .rolledBack && after.reason?.contains("0.9") == true)
        #expect(served() == [Variant(version: 1, role: .champion, weightBasisPoints: 10_000)])
        #expect(store.state.withLock { $0.aliases["wear"] } == nil)
    }

    @Test("before its interval is over a rollout is not judged again")
    func interval() async throws {
        _ = try await controller.start(id(2), by: olga)
        evidence.next.withLock { $0 = good(1) }
        try await controller.evaluate()
        clock.advance(seconds: 9)
        try await controller.evaluate()
        #expect(evidence.asked.withLock { $0.count } == 1)
        clock.advance(seconds: 1)
        try await controller.evaluate()
        #expect(evidence.asked.withLock { $0.count } == 2)
    }

    @Test("without evidence nothing moves, whatever the time")
    func noEvidence() async throws {
        let rollout = try await controller.start(id(2), by: olga)
        clock.advance(seconds: 100_000)
        try await controller.evaluate()
        #expect(try await store.rollout(rollout.id) == rollout)
    }

    @Test("a restart in the middle goes on from the stored step")
    func restart() async throws {
        let rollout = try await controller.start(id(2), by: olga)
        evidence.next.withLock { $0 = good(1000) }
        clock.advance(seconds: 60)
        try await controller.evaluate()
        let other = FakeReceiver()
        let second = Self.controller(store, evidence, other, clock)
        clock.advance(seconds: 300)
        try await second.evaluate()
        #expect(try await store.rollout(rollout.id).step == 2)
        #expect(other.snapshots.withLock { $0.last?.endpoints.first?.variants.last?.weightBasisPoints } == 5000)
    }

    @Test("pause, resume and abort are an operator's, and go into the rollout with their reason")
    func commands() async throws {
        let rollout = try await controller.start(id(2), by: olga)
        let vera = Principal(id: .init(rawValue: "p2"), name: "vera", roles: [.viewer])
        await #expect(throws: MartletError.self) { try await controller.pause(rollout.id, reason: "x", by: vera) }
        await #expect(throws: MartletError.self) {
            try await controller.pause(rollout.id, reason: String(repeating: "x", count: 1001), by: olga)
        }
        #expect(try await controller.pause(rollout.id, reason: "lunch", by: olga).state == .paused)
        #expect(try await controller.resume(rollout.id, reason: "back", by: olga).state == .progressing)
        #expect(try await controller.abort(rollout.id, reason: "no", by: olga).reason == "Aborted: no")
        #expect(served() == [Variant(version: 1, role: .champion, weightBasisPoints: 10_000)])
        await #expect(throws: MartletError.self) { try await controller.resume(rollout.id, reason: "", by: olga) }
    }

    @Test("a change whose publication failed stands")
    func publicationFails() async throws {
        receiver.fails.withLock { $0 = true }
        let rollout = try await controller.start(id(2), by: olga)
        #expect(rollout.state == .progressing && served() == nil)
    }
}
