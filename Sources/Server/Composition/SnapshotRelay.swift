internal import Domain
internal import Storage

/// Hands a new snapshot on to this process's data plane and tells the other processes on the same PostgreSQL database.
struct SnapshotRelay: SnapshotReceiver {
    /// The channel.
    static let channel = "endpoints"

    let receiver: any SnapshotReceiver
    let registry: Database

    func apply(_ snapshot: EndpointSnapshot) async throws {
        try await receiver.apply(snapshot)
        try await registry.announce(Self.channel)
    }
}
