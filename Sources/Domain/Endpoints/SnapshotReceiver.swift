/// The port through which the data plane is told what to serve.
public protocol SnapshotReceiver: Sendable {
    /// Serves by this snapshot from now on; one older than the present one changes nothing.
    func apply(_ snapshot: EndpointSnapshot) async throws
}
