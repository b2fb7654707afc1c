import Domain
import Lifecycle
import Logging
import Synchronization
import Testing

@Suite("What the data plane is told to serve")
struct SnapshotPublisherTests {
    let store = FakeRollouts(now: Timestamp(milliseconds: 5))
    let receiver = FakeReceiver()

    func publisher(
        _ versions: [(String, Int)], _ change: @escaping @Sendable (inout Policy) -> Void = { _ in },
        profile: Profile? = nil
    ) -> SnapshotPublisher {
        SnapshotPublisher(
            endpoints: store, preparations: FakePreparations(versions),
            policy: { model in
                guard model == "wear" else { return nil }
                var policy = Policy(model: "wear", owner: "o", purpose: "p", task: .regression)
                policy.record.mode = .all
                policy.outputBounds = [OutputBound(output: "y", minimum: 0)]
                change(&policy)
                return PolicyVersion(
                    model: "wear", version: 6, policy: policy, document: "", state: .inForce,
                    author: Principal.ID(rawValue: "a"), authorName: "a", appliedAt: Timestamp(milliseconds: 0),
                    loosens: [])
            }, trainingProfile: { _, _ in profile }, receiver: receiver,
            logger: Logger(label: "t", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    @Test("of a governed model only what its endpoint names; of an ungoverned one the newest fifty, and no endpoint")
    func versions() async throws {
        store.state.withLock {
            $0.variants["wear"] = [Variant(version: 2, role: .champion, weightBasisPoints: 10_000)]
        }
        let snapshot = try await publisher(
            [("wear", 1), ("wear", 2), ("wear", 3)] + (1...60).map { ("free", $0) }
        ).snapshot()
        #expect(snapshot.versions.filter { $0.id.model == "wear" }.map(\.id.version) == [2])
        #expect(snapshot.versions.filter { $0.id.model == "free" }.map(\.id.version) == Array(11...60))
        #expect(snapshot.endpoints.map(\.name) == ["wear"])
    }

    @Test("the endpoint carries what the policy in force says of recording and bounds")
    func policy() async throws {
        store.state.withLock {
            $0.variants["wear"] = [Variant(version: 2, role: .champion, weightBasisPoints: 10_000)]
        }
        let endpoint = try await publisher([("wear", 2)]).snapshot().endpoints.first
        #expect(endpoint?.policyVersion == 6 && endpoint?.record.mode == .all && endpoint?.outputBounds.count == 1)
    }

    @Test("what inputs are held against is the policy's bounds and the training data's, for each version")
    func validation() async throws {
        store.state.withLock {
            $0.variants["wear"] = [Variant(version: 2, role: .champion, weightBasisPoints: 10_000)]
        }
        let profile = Profile(
            rows: 100,
            features: [
                FeatureProfile(name: "a", bins: .numeric(edges: [1]), counts: [50, 50], minimum: 0, maximum: 2)
            ], prediction: nil)
        let asking = publisher(
            [("wear", 2)],
            { policy in
                policy.validation = InputValidation()
                policy.validation?.action = .reject
            }, profile: profile)
        let endpoint = try await asking.snapshot().endpoints.first
        #expect(
            endpoint?.inputRules == [
                VersionInputRules(
                    version: 2,
                    rules: [FeatureRule(name: "a", action: .reject, missing: .accept, minimum: 0, maximum: 2)])
            ])
        #expect(try await publisher([("wear", 2)], profile: profile).snapshot().endpoints.first?.inputRules == nil)
    }

    @Test("a publication that failed is tried again, once")
    func retry() async throws {
        let publisher = publisher([])
        receiver.fails.withLock { $0 = true }
        await #expect(throws: MartletError.self) { try await publisher.publish() }
        receiver.fails.withLock { $0 = false }
        try await publisher.publishIfBehind()
        try await publisher.publishIfBehind()
        #expect(receiver.snapshots.withLock { $0.count } == 1)
    }

    @Test("publications that come together arrive in the order in which they read")
    func order() async throws {
        let publisher = publisher([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                store.state.withLock { $0.generation += 1 }
                group.addTask { try await publisher.publish() }
            }
            try await group.waitForAll()
        }
        let generations = receiver.snapshots.withLock { $0.map(\.generation) }
        #expect(generations == generations.sorted() && generations.last == 20)
    }
}
