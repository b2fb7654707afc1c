internal import ServiceLifecycle
internal import Synchronization

/// Whether the server is about to stop. Readiness says no from then on, so that load balancers send nothing more.
final class Draining: Service {
    private let flag = Mutex(false)

    var hasBegun: Bool { flag.withLock { $0 } }

    /// The group stops its services from the last to the first; as the last, this one turns the flag before the HTTP server
    /// closes its door.
    func run() async throws {
        try? await gracefulShutdown()
        flag.withLock { $0 = true }
    }
}
