import Domain
import Logging

/// Finds the reference of every version that an endpoint names: stored, or built from its run's data.
struct ReferenceKeeper: Sendable {
    let directory: ReferenceDirectory
    let store: any ReferenceProfileStore
    let profiler: ReferenceProfiler
    let logger: Logger

    /// Looks up the versions that are not known yet.
    func update(_ endpoints: [MonitoredEndpoint]) async {
        let versions = endpoints.flatMap { endpoint in endpoint.versions.map { ($0, endpoint.policy?.task) } }
        directory.keepOnly(Set(versions.map(\.0.id)))
        let known = directory.known
        for (version, task) in versions where !known.contains(version.id) {
            do {
                directory.set(try await find(version, task: task), for: version.id)
            } catch {
                // The database or the disk: the next round tries again, and rows are held until then.
                logger.warning(
                    "a reference could not be looked up", metadata: ["version": "\(version.id)", "error": "\(error)"])
            }
        }
    }

    private func find(_ version: ServableVersion, task: ModelTask?) async throws -> ReferenceDirectory.Entry {
        if let stored = try await store.referenceProfile(version.id) { return .ready(VersionReference(stored)) }
        do {
            guard let built = try await profiler.build(version, task: task) else {
                return .absent(
                    columns: version.columns, reason: "its run has no artifact \(ReferenceProfiler.defaultArtifact)")
            }
            try await store.save(built)
            logger.info(
                "built a reference", metadata: ["version": "\(version.id)", "detail": "\(built.detail)"])
            return .ready(VersionReference(built))
        } catch let error as MartletError where [.invalidArgument, .payloadTooLarge, .notFound].contains(error.code) {
            logger.warning(
                "the reference data cannot be used",
                metadata: ["version": "\(version.id)", "reason": "\(error.message)"])
            return .absent(columns: version.columns, reason: "its reference data cannot be used (\(error.message))")
        }
    }
}
