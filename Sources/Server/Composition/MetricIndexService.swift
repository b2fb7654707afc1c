internal import Logging
internal import ServiceLifecycle
internal import Storage

/// Lets the index by metric value follow what runs log.
struct MetricIndexService: Service {
    private static let interval = Duration.seconds(1)

    let index: MetricIndex
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Sleeping throws only when the task is cancelled: then the loop is over.
            while (try? await Task.sleep(for: Self.interval)) != nil {
                do {
                    while try await index.followSome(), !Task.isCancelled {}
                } catch {
                    // Searches look at pending runs one by one until then.
                    logger.error("the index of metrics could not follow; trying again", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
