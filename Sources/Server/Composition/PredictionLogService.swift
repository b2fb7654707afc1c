internal import Logging
internal import ServiceLifecycle
internal import Storage

/// Writes sampled predictions to the log until shutdown, and then what still waits.
struct PredictionLogService: Service {
    let log: PredictionLogStore
    let logger: Logger

    func run() async throws {
        let logger = logger
        await withGracefulShutdownHandler {
            await log.run { error in
                logger.error("a sampled prediction was not recorded", metadata: ["error": "\(error)"])
            }
        } onGracefulShutdown: {
            log.finish()
        }
    }
}
