internal import Logging
internal import ServiceLifecycle
internal import Storage

/// Lets the tables of metrics and the index by their values follow what runs log.
struct MetricIndexService: Service {
    private static let interval = Duration.seconds(1)

    let inbox: MetricInbox
    let index: MetricIndex
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Sleeping throws only when the task is cancelled: then the loop is over.
            while (try? await Task.sleep(for: Self.interval)) != nil {
                do {
                    while try await inbox.followSome(), !Task.isCancelled {}
                    while try await index.followSome(), !Task.isCancelled {}
                } catch {
                    // Whoever reads them has batches sorted in, and looks at pending runs one by one, until then.
                    logger.error("the index of metrics could not follow; trying again", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
