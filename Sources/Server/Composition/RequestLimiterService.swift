internal import Logging
internal import ServiceLifecycle
internal import Serving

/// Keeps what principals have asked for today, so that a restart begins no new day.
struct RequestLimiterService: Service {
    /// So much is forgotten by a process that is killed.
    static let interval = Duration.seconds(5)

    let limiter: RequestLimiter
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Sleeping throws only when the task is cancelled: then the loop is over.
            while (try? await Task.sleep(for: Self.interval)) != nil { keep() }
        }
        keep()
    }

    private func keep() {
        do { try limiter.keep() } catch {
            logger.warning("the day's requests could not be kept", metadata: ["error": "\(error)"])
        }
    }
}
