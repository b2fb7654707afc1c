internal import Domain
internal import Lifecycle
internal import Logging
internal import ServiceLifecycle
internal import Storage

/// Serves what other processes on the same PostgreSQL database have changed, when they say so.
struct SnapshotListener: Service {
    let registry: Database
    let publisher: SnapshotPublisher
    /// What a snapshot of this process goes through, too: signatures are checked and files fetched here.
    let receiver: any SnapshotReceiver
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown { await self.follow() }
    }

    private func follow() async {
        guard let announcements = registry.announcements(SnapshotRelay.channel) else { return }
        for await _ in announcements {
            do {
                // Not announced again.
                try await receiver.apply(try await publisher.snapshot())
            } catch {
                logger.error("a changed snapshot could not be applied yet", metadata: ["error": "\(error)"])
            }
        }
    }
}
