internal import Domain
internal import Serving
internal import Storage

/// Hands a new snapshot to this process's data plane and tells the other processes on the same PostgreSQL database.
struct SnapshotRelay: SnapshotReceiver {
    /// The channel.
    static let channel = "endpoints"

    let plane: DataPlane
    let registry: Database

    func apply(_ snapshot: EndpointSnapshot) async throws {
        try await plane.apply(snapshot)
        try await registry.announce(Self.channel)
    }
}
