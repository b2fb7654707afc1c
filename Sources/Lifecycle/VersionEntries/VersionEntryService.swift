public import Domain

/// Gathers what the entry of a version is made of.
public struct VersionEntryService: Sendable {
    /// Rollouts of one endpoint that are looked at, the newest first; a page of them at a time.
    static let rolloutsMax = 10_000
    static let rolloutsPage = 1_000

    private let registry: any RegistryReading
    private let policies: any PolicyKeeping
    private let approvals: any ApprovalKeeping
    private let rollouts: any RolloutStoring
    private let endpoints: any EndpointReading
    private let datasets: any DatasetLinking
    private let loggedModel: @Sendable (String) async throws -> LoggedModel
    private let previousVersion: @Sendable (ModelVersionID) async throws -> Int?

    /// - Parameters:
    ///   - loggedModel: throws `notFound` where there is none.
    ///   - previousVersion: the highest number below that of the version.
    public init(
        registry: any RegistryReading, policies: any PolicyKeeping, approvals: any ApprovalKeeping,
        rollouts: any RolloutStoring, endpoints: any EndpointReading, datasets: any DatasetLinking,
        loggedModel: @escaping @Sendable (String) async throws -> LoggedModel,
        previousVersion: @escaping @Sendable (ModelVersionID) async throws -> Int?
    ) {
        self.registry = registry
        self.policies = policies
        self.approvals = approvals
        self.rollouts = rollouts
        self.endpoints = endpoints
        self.datasets = datasets
        self.loggedModel = loggedModel
        self.previousVersion = previousVersion
    }

    /// - Throws: `notFound` if there is no such version; what the stores throw.
    public func entry(_ id: ModelVersionID) async throws -> VersionEntry {
        var facts = VersionEntryFacts(record: try await registry.versionRecord(id))
        if let runID = facts.record.runID {
            facts.run = try await Self.found { try await registry.runRecord(runID) }
        }
        if let modelID = facts.record.loggedModelID {
            facts.loggedModel = try await Self.found { try await loggedModel(modelID) }
        }
        if let run = facts.run { facts.datasetVersions = try await datasets.versions(ofRun: run.id) }
        facts.policy = try await policies.policyInForce(id.model)
        facts.approvals = try await approvals.approvals(of: id)
        facts.endpoint = try await Self.found { try await endpoints.endpoint(id.model) }
        if facts.endpoint != nil { facts.rollouts = try await allRollouts(id.model) }
        facts.previousVersion = try await previousVersion(id)
        return VersionEntryAssembler(facts).entry
    }

    private func allRollouts(_ endpoint: String) async throws -> [Rollout] {
        var all: [Rollout] = []
        while all.count < Self.rolloutsMax {
            let page = try await rollouts.rollouts(
                endpoint: endpoint, before: all.last?.id, limit: Self.rolloutsPage)
            all += page
            if page.count < Self.rolloutsPage { break }
        }
        return all
    }

    /// nil where there is no such thing; other failures are the caller's.
    private static func found<Value>(_ read: () async throws -> Value) async throws -> Value? {
        do {
            return try await read()
        } catch let error as MartletError where error.code == .notFound {
            return nil
        }
    }
}
