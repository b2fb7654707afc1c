internal import Logging
internal import ServiceLifecycle
internal import Storage

/// Removes, once an hour, what uploads that broke off have left in the bucket for a day.
struct ArtifactCleanUpService: Service {
    static let interval = Duration.seconds(3_600)

    let keeper: any BlobKeeping
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat {
                do {
                    let removed = try await keeper.removeAbandoned()
                    if removed > 0 { logger.info("abandoned uploads removed", metadata: ["uploads": "\(removed)"]) }
                } catch is CancellationError {
                    return
                } catch {
                    logger.error("abandoned uploads could not be removed", metadata: ["error": "\(error)"])
                }
                // Sleeping throws only when the task is cancelled: then there is nothing more to do.
            } while (try? await Task.sleep(for: Self.interval)) != nil
        }
    }
}
