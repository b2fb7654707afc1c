import Domain
import Logging
import Synchronization
import Testing

@testable import Server

@Suite("What the data plane is given to load")
struct SignedReceiverTests {
    private final class Receiver: SnapshotReceiver {
        let versions = Mutex<[ModelVersionID]>([])

        func apply(_ snapshot: EndpointSnapshot) async throws {
            versions.withLock { $0 = snapshot.versions.map(\.id) }
        }
    }

    private struct FirstOnly: VersionSignatureChecking {
        func requireSignature(of id: ModelVersionID, by rule: SigningRule) async throws {
            guard rule.isRequired, id.version != 1 else { return }
            throw MartletError.precondition("\(SigningRule.self)")
        }
    }

    private func version(_ model: String, _ number: Int) -> ServableVersion {
        ServableVersion(
            id: ModelVersionID(model: model, version: number), path: "/x", digest: "d", columns: [],
            predictionOutput: "y")
    }

    @Test(
        "a version without the signature that its policy requires is left out; models without such a policy are not asked"
    )
    func leavesOut() async throws {
        let receiver = Receiver()
        let signed = SignedReceiver(
            signatures: FirstOnly(),
            policy: { model in
                guard model != "free" else { return nil }
                var policy = Policy(model: model, owner: "o", purpose: "p", task: .regression)
                policy.signing = SigningRule(isRequired: model == "strict")
                return PolicyVersion(
                    model: model, version: 1, policy: policy, document: "", state: .inForce,
                    author: Principal.ID(rawValue: "p"), authorName: "ada", appliedAt: Timestamp(milliseconds: 0),
                    loosens: [])
            }, receiver: receiver, logger: Logger(label: "t", factory: { _ in SwiftLogNoOpLogHandler() }))
        let versions = ["strict", "loose", "free"].flatMap { [version($0, 1), version($0, 2)] }
        try await signed.apply(EndpointSnapshot(generation: 1, endpoints: [], versions: versions))
        #expect(
            receiver.versions.withLock { $0.map(\.description) }
                == (versions.map(\.id).filter { $0.model != "strict" || $0.version == 1 }).map(\.description))
    }
}
