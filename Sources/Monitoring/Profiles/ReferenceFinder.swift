public import Domain
public import Logging

/// Finds the reference of a version: stored, or built from its run's data and then stored.
public struct ReferenceFinder: Sendable {
    enum Found {
        case ready(ReferenceProfile)
        /// There is none, for a reason that ends a sentence.
        case absent(reason: String)
    }

    private let store: any ReferenceProfileStore
    private let profiler: ReferenceProfiler
    private let logger: Logger

    public init(store: any ReferenceProfileStore, profiler: ReferenceProfiler, logger: Logger) {
        self.store = store
        self.profiler = profiler
        self.logger = logger
    }

    /// - Throws: what the stores throw: then it may be there another time.
    func find(_ version: ServableVersion, task: ModelTask?) async throws -> Found {
        if let stored = try await store.referenceProfile(version.id) { return .ready(stored) }
        do {
            guard let built = try await profiler.build(version, task: task) else {
                return .absent(reason: "its run has no artifact \(ReferenceProfiler.defaultArtifact)")
            }
            try await store.save(built)
            logger.info("built a reference", metadata: ["version": "\(version.id)", "detail": "\(built.detail)"])
            return .ready(built)
        } catch let error as MartletError where [.invalidArgument, .payloadTooLarge, .notFound].contains(error.code) {
            logger.warning(
                "the reference data cannot be used",
                metadata: ["version": "\(version.id)", "reason": "\(error.message)"])
            return .absent(reason: "its reference data cannot be used (\(error.message))")
        }
    }
}

/// The profiles of versions' training data, by which inputs are validated. A profile of live rows is none: it would make what comes the
/// measure of what may come.
public actor TrainingProfiles {
    /// Versions remembered; past it the memory starts anew.
    static let versionsMax = 1_000

    private let finder: ReferenceFinder
    /// nil is known to have none.
    private var known: [ModelVersionID: Profile?] = [:]

    public init(finder: ReferenceFinder) {
        self.finder = finder
    }

    /// - Throws: what the stores throw.
    public func profile(of version: ServableVersion, task: ModelTask) async throws -> Profile? {
        if let known = known[version.id] { return known }
        let profile: Profile? =
            switch try await finder.find(version, task: task) {
            case .ready(let reference): reference.origin == .trainingData ? reference.profile : nil
            case .absent: nil
            }
        if known.count >= Self.versionsMax { known = [:] }
        known[version.id] = .some(profile)
        return profile
    }
}
