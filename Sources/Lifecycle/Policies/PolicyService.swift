public import Domain
public import Logging

/// Brings policies in force.
public struct PolicyService: Sendable {
    private let policies: any PolicyKeeping
    private let publisher: SnapshotPublisher
    private let logger: Logger

    public init(policies: any PolicyKeeping, publisher: SnapshotPublisher, logger: Logger) {
        self.policies = policies
        self.publisher = publisher
        self.logger = logger
    }

    /// Applies a policy to its model; the model need not be registered yet, since a policy is written before the pilot.
    ///
    /// - Returns: the version in force, or the one that waits for the approval of what it loosens.
    /// - Throws: `permissionDenied` without the role contributor, or with a narrow key; `failedPrecondition` while an
    ///   earlier version waits.
    public func apply(_ policy: Policy, document: String, by principal: Principal) async throws -> PolicyVersion {
        try principal.require(.contributor, to: "apply policies")
        guard principal.onlyModel == nil else {
            throw MartletError(.permissionDenied, "A key that is confined to one model may not change its policy.")
        }
        let kept = try await policies.apply(policy, document: document, by: principal) {
            PolicyDiff.loosened(from: $0, to: $1)
        }
        if kept.state == .inForce { await publish() }
        return kept
    }

    /// The data plane records and checks answers by the policy in force. What was decided is durable already; a publication
    /// that fails is tried again by the rollout controller.
    func publish() async {
        do {
            try await publisher.publish()
        } catch {
            logger.error("the data plane was not told of a policy yet", metadata: ["error": "\(error)"])
        }
    }
}
