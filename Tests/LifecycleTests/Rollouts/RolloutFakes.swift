import Domain
import Lifecycle
import Synchronization

/// Rollouts and endpoints in memory, with the rules that the controller relies on.
final class FakeRollouts: RolloutStoring, EndpointReading {
    struct State: Sendable {
        var rollouts: [Rollout] = []
        var events: [RolloutEvent] = []
        var variants: [String: [Variant]] = [:]
        var aliases: [String: Int] = [:]
        var generation: Int64 = 0
    }
    let state = Mutex(State())
    let now: Timestamp

    init(now: Timestamp) { self.now = now }

    func start(
        _ draft: RolloutDraft, by actor: Principal,
        _ begin: @escaping @Sendable (Rollout) throws -> RolloutTransition
    ) async throws -> Rollout {
        try state.withLock { state in
            let name = draft.candidate.model
            let rollout = Rollout(
                id: Int64(state.rollouts.count + 1), endpoint: name, candidate: draft.candidate.version,
                champion: state.variants[name]?.first { $0.role == .champion }?.version, plan: draft.plan,
                guardrails: draft.guardrails, policyVersion: draft.policyVersion, state: .pending, step: 0,
                stepStartedAt: now, startedAt: now, updatedAt: now, startedBy: actor.name)
            state.rollouts.append(rollout)
            return Self.apply(&state, try begin(rollout))
        }
    }

    func change(
        _ id: Int64, by actor: Principal, _ change: @escaping @Sendable (Rollout) throws -> RolloutTransition
    ) async throws -> Rollout {
        try state.withLock { state in
            guard let before = state.rollouts.first(where: { $0.id == id }) else { throw MartletError.notFound("none") }
            return Self.apply(&state, try change(before))
        }
    }

    private static func apply(_ state: inout State, _ transition: RolloutTransition) -> Rollout {
        let rollout = transition.rollout
        for action in transition.actions {
            switch action {
            case .setVariants(let variants): state.variants[rollout.endpoint] = variants
            case .moveChampion(let version): state.aliases[rollout.endpoint] = version
            case .record(let event): state.events.append(event)
            }
        }
        if let index = state.rollouts.firstIndex(where: { $0.id == rollout.id }) { state.rollouts[index] = rollout }
        state.generation += 1
        return rollout
    }

    func rollout(_ id: Int64) async throws -> Rollout {
        guard let found = state.withLock({ $0.rollouts.first { $0.id == id } }) else {
            throw MartletError.notFound("none")
        }
        return found
    }
    func rollouts(endpoint: String?, before: Int64?, limit: Int) async throws -> [Rollout] {
        state.withLock { $0.rollouts }
    }
    func activeRollouts() async throws -> [Rollout] { state.withLock { $0.rollouts.filter { !$0.state.isFinal } } }
    func events(_ id: Int64) async throws -> [RolloutEvent] { state.withLock { $0.events } }

    func endpointList() async throws -> EndpointList {
        state.withLock { state in
            EndpointList(
                generation: state.generation,
                endpoints: state.variants.keys.sorted().enumerated().map {
                    Endpoint(
                        id: Int64($0.offset + 1), name: $0.element, variants: state.variants[$0.element] ?? [],
                        updatedAt: now)
                }, previousChampions: [])
        }
    }
    func endpoint(_ name: String) async throws -> Endpoint {
        guard let found = try await endpointList().endpoints.first(where: { $0.name == name }) else {
            throw MartletError.notFound("none")
        }
        return found
    }
}

/// What a test says that live traffic shows; nothing said is unavailable.
final class FakeEvidence: RolloutEvidenceSource {
    let next = Mutex<RolloutEvidence?>(nil)
    let asked = Mutex<[Timestamp]>([])

    func evidence(
        endpoint: String, candidate: Int, champion: Int?, since: Timestamp
    ) async throws -> RolloutEvidence {
        asked.withLock { $0.append(since) }
        guard let evidence = next.withLock({ $0 }) else { throw MartletError(.unavailable, "no evidence") }
        return evidence
    }
}

/// Keeps what it was told to serve; fails when told to.
final class FakeReceiver: SnapshotReceiver {
    let snapshots = Mutex<[EndpointSnapshot]>([])
    let fails = Mutex(false)

    func apply(_ snapshot: EndpointSnapshot) async throws {
        if fails.withLock({ $0 }) { throw MartletError(.unavailable, "the disk is full") }
        snapshots.withLock { $0.append(snapshot) }
    }
}

/// Versions that can be served.
struct FakePreparations: PreparedVersionReading {
    var versions: [ServableVersion]

    init(_ ids: [(String, Int)]) {
        versions = ids.map {
            ServableVersion(
                id: ModelVersionID(model: $0.0, version: $0.1), path: "/m", digest: "d",
                columns: [FeatureColumn(name: "a", input: "x", index: 0, kind: .numeric)],
                predictionOutput: "label")
        }
    }

    func servableVersions() async throws -> [ServableVersion] { versions }
    func unservable() async throws -> [VersionPreparation] { [] }
}
