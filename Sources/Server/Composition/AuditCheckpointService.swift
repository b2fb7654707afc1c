internal import Domain
internal import Logging
internal import ServiceLifecycle
internal import Storage

/// Signs how far the audit chain has come: every minute in which it grew, and when the server stops.
struct AuditCheckpointService: Service {
    static let interval = Duration.seconds(60)

    let store: AuditStore
    let signer: AuditSigner
    let clock: any WallClock
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await sign()
                // Cancellation ends the wait and the loop.
                try? await Task.sleep(for: Self.interval)
            }
        }
        await sign()
    }

    private func sign() async {
        do {
            _ = try await store.checkpoint(signer: signer, at: clock.now())
        } catch {
            logger.error("the audit checkpoint could not be signed", metadata: ["error": "\(error)"])
        }
    }
}
