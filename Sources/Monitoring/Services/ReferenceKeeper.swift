import Domain
import Logging

/// Finds the reference of every version that an endpoint names.
struct ReferenceKeeper: Sendable {
    let directory: ReferenceDirectory
    let finder: ReferenceFinder
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
        switch try await finder.find(version, task: task) {
        case .ready(let reference): .ready(VersionReference(reference))
        case .absent(let reason): .absent(columns: version.columns, reason: reason)
        }
    }
}
