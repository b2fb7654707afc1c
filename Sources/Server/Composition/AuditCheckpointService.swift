internal import Domain
internal import Logging
internal import ServiceLifecycle
internal import Storage

/// Signs how far the audit chain has come: every minute in which it grew, sooner after many events, and when the server stops.
struct AuditCheckpointService: Service {
    static let interval = Duration.seconds(60)
    /// Within the minute, after so many new events.
    static let eventsMax: Int64 = 256
    private static let lookInterval = Duration.seconds(5)

    let store: AuditStore
    let signer: AuditSigner
    /// The checkpoints outside the database.
    let file: CheckpointFile
    let clock: any WallClock
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var signedAt = ContinuousClock.now - Self.interval
            while !Task.isCancelled {
                if await grewALot() || ContinuousClock.now - signedAt >= Self.interval {
                    await sign()
                    signedAt = .now
                }
                // Cancellation ends the wait and the loop.
                try? await Task.sleep(for: Self.lookInterval)
            }
        }
        await sign()
    }

    private func grewALot() async -> Bool {
        do {
            let (last, signed) = (try await store.last(), try await store.lastCheckpoint())
            return (last?.sequence ?? 0) - (signed?.sequence ?? 0) >= Self.eventsMax
        } catch {
            // The signing that follows meets the same failure and logs it.
            return true
        }
    }

    private func sign() async {
        do {
            guard let checkpoint = try await store.checkpoint(signer: signer, at: clock.now()) else { return }
            if try file.read().last?.sequence != checkpoint.sequence { try file.append(checkpoint) }
        } catch {
            logger.error("the audit checkpoint could not be signed", metadata: ["error": "\(error)"])
        }
    }
}
