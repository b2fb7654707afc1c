internal import Domain
internal import Serving
internal import Storage

/// Gives the data plane every version that can be served, under its explicit version path.
struct PreparedVersions: VersionPreparedListener {
    let store: PreparationStore
    let dataPlane: DataPlane

    func versionPrepared(_ preparation: VersionPreparation) async throws {
        guard preparation.state == .servable else { return }
        // No endpoint is governed yet, so there is one generation, which each snapshot replaces.
        try await dataPlane.apply(
            EndpointSnapshot(generation: 0, endpoints: [], versions: try await store.servableVersions()))
    }
}
