public import Domain
public import Logging

/// Tells the data plane what to serve: at start, and whenever an endpoint, a policy or a preparation changed.
///
/// A snapshot holds every version that an endpoint names and each endpoint's previous champion. Models without a policy in
/// force are called by an explicit version only (`/v2/models/{model}/versions/{version}/infer`): their servable versions are
/// in the snapshot, but no endpoint is made for them, since nobody has said which version should take their traffic. Of a
/// governed model nothing is served that no rollout has put behind its endpoint.
public actor SnapshotPublisher: VersionPreparedListener {
    /// Versions of one ungoverned model that are kept loaded: the newest. More would fill the memory with old ones.
    public static let ungovernedVersionsMax = 50

    private let endpoints: any EndpointReading
    private let preparations: any PreparedVersionReading
    private let policy: @Sendable (String) async throws -> PolicyVersion?
    private let trainingProfile: @Sendable (ServableVersion, ModelTask) async throws -> Profile?
    private let receiver: any SnapshotReceiver
    private let logger: Logger
    /// The publication that the next one waits for, so that of two the later reading arrives later.
    private var last: Task<Void, any Error>?
    private var isBehind = false

    /// - Parameters:
    ///   - policy: the policy in force of a model; nil where it has none.
    ///   - trainingProfile: the profile of a version's training data, by which its inputs are validated; nil where there is none.
    public init(
        endpoints: any EndpointReading, preparations: any PreparedVersionReading,
        policy: @escaping @Sendable (String) async throws -> PolicyVersion?,
        trainingProfile: @escaping @Sendable (ServableVersion, ModelTask) async throws -> Profile? = { _, _ in nil },
        receiver: any SnapshotReceiver, logger: Logger
    ) {
        self.endpoints = endpoints
        self.preparations = preparations
        self.policy = policy
        self.trainingProfile = trainingProfile
        self.receiver = receiver
        self.logger = logger
    }

    /// Hands the present state to the data plane. The state read is that of now or later.
    ///
    /// - Throws: what reading or the data plane throws; `publishIfBehind` tries again.
    public func publish() async throws {
        isBehind = true
        let before = last
        let task = Task {
            // The one before has told its own caller what went wrong.
            _ = await before?.result
            try await self.publishNow()
        }
        last = task
        try await task.value
    }

    /// Publishes if the last try failed.
    public func publishIfBehind() async throws {
        if isBehind { try await publish() }
    }

    public func versionPrepared(_ preparation: VersionPreparation) async throws {
        try await publish()
    }

    /// The endpoints as they are kept, each with what the policy in force says of it.
    public func endpointList() async throws -> EndpointList {
        var list = try await endpoints.endpointList()
        for index in list.endpoints.indices {
            let name = list.endpoints[index].name
            list.endpoints[index].previousChampion = list.previousChampions.first { $0.model == name }?.version
            guard let inForce = try await policy(name) else { continue }
            list.endpoints[index].policyVersion = inForce.version
            list.endpoints[index].record = inForce.policy.record
            list.endpoints[index].outputBounds = inForce.policy.outputBounds
            list.endpoints[index].fallback = inForce.policy.fallback
            list.endpoints[index].serving = inForce.policy.serving
            list.endpoints[index].circuitBreaker = inForce.policy.circuitBreaker
            list.endpoints[index].batching = inForce.policy.batching
        }
        return list
    }

    /// What would be published now.
    public func snapshot() async throws -> EndpointSnapshot {
        var list = try await endpointList()
        let named = Set(
            list.endpoints.flatMap { endpoint in
                endpoint.variants.map { ModelVersionID(model: endpoint.name, version: $0.version) }
            } + list.previousChampions)
        let servable = try await preparations.servableVersions()
        let missing = named.subtracting(servable.map(\.id))
        if !missing.isEmpty {
            logger.warning(
                "endpoints name versions that cannot be served",
                metadata: ["versions": "\(missing.map(\.description).sorted())"])
        }
        var versions: [ServableVersion] = []
        for (model, all) in Dictionary(grouping: servable, by: \.id.model) {
            let isGoverned = try await policy(model) != nil
            let newest = Set(
                isGoverned ? [] : all.map(\.id.version).sorted(by: >).prefix(Self.ungovernedVersionsMax))
            versions += all.filter { named.contains($0.id) || newest.contains($0.id.version) }
        }
        for index in list.endpoints.indices {
            let name = list.endpoints[index].name
            list.endpoints[index].inputRules = try await inputRules(name, of: versions.filter { $0.id.model == name })
        }
        return EndpointSnapshot(
            generation: list.generation, endpoints: list.endpoints,
            versions: versions.sorted { ($0.id.model, $0.id.version) < ($1.id.model, $1.id.version) })
    }

    /// What the values of requests are held against; nil where the policy asks for no validation.
    private func inputRules(_ model: String, of versions: [ServableVersion]) async throws -> [VersionInputRules]? {
        guard let policy = try await policy(model)?.policy, let validation = policy.validation else { return nil }
        var all: [VersionInputRules] = []
        for version in versions {
            let reference = validation.usesReference ? try await trainingProfile(version, policy.task) : nil
            let rules = validation.rules(for: version.columns, reference: reference)
            let unknown = Set(validation.features.map(\.name)).subtracting(version.columns.map(\.name))
            if rules.isEmpty || !unknown.isEmpty {
                logger.warning(
                    "the policy's validation has rules without a feature",
                    metadata: [
                        "version": "\(version.id)", "unknown": "\(unknown.sorted().prefix(20))",
                        "rules": "\(rules.count)", "training data": "\(reference == nil ? "none" : "profiled")",
                    ])
            }
            all.append(VersionInputRules(version: version.id.version, rules: rules))
        }
        return all
    }

    private func publishNow() async throws {
        // Whoever changes something from here on asks for a publication of its own.
        isBehind = false
        do {
            try await receiver.apply(try await snapshot())
        } catch {
            isBehind = true
            throw error
        }
    }
}
