internal import Domain
internal import Logging
internal import ServiceLifecycle
internal import Storage

/// Tells an OpenLineage endpoint what happened, one event after the other and each until it is taken, until shutdown. What is not told then
/// is told by the next process.
struct OpenLineageService: Service {
    /// Events read at a time.
    static let batch = 50
    /// Between two looks into an empty outbox.
    static let pause = Duration.seconds(1)
    /// How long an answer is waited for.
    static let deadline = Duration.seconds(10)
    /// Seconds before the first retry; each further one waits twice as long.
    static let retrySecondsMin = 1.0
    static let retrySecondsMax = 600.0
    /// Attempts before an event is given up: with the waits above some nine hours.
    static let attemptsMax = 60

    let outbox: OpenLineageOutbox
    let reporter: OpenLineageReporter
    let sender: any OpenLineageSending
    let clock: any WallClock
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if await self.deliver() { continue }
                do { try await Task.sleep(for: Self.pause) } catch { return }
            }
        }
    }

    /// One look into the outbox.
    ///
    /// - Returns: whether there may be more at once.
    func deliver() async -> Bool {
        do {
            let due = try await outbox.due(limit: Self.batch)
            for notice in due {
                guard !Task.isCancelled, try await deliver(notice) else { return false }
            }
            return due.count == Self.batch
        } catch {
            logger.error("the outbox of OpenLineage events could not be worked off", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// - Returns: false where those behind it must wait too.
    private func deliver(_ notice: OpenLineageNotice) async throws -> Bool {
        guard let event = try await reporter.event(notice) else {
            try await outbox.remove(notice.id)
            return true
        }
        switch await sender.send(event, deadline: Self.deadline) {
        case .taken:
            try await outbox.remove(notice.id)
            return true
        case .refused(let why):
            logger.error(
                "an OpenLineage event was refused and is not sent again",
                metadata: ["event": "\(notice.kind.rawValue)", "subject": "\(notice.subject)", "reason": "\(why)"])
            try await outbox.refuse(notice.id, because: why)
            return true
        case .failed(let why):
            guard notice.attempts + 1 < Self.attemptsMax else {
                logger.error(
                    "an OpenLineage event is given up", metadata: ["subject": "\(notice.subject)", "reason": "\(why)"])
                try await outbox.refuse(notice.id, because: why)
                return true
            }
            if notice.attempts == 0 {
                logger.warning(
                    "the OpenLineage endpoint does not answer; its events wait", metadata: ["reason": "\(why)"])
            }
            try await outbox.postpone(
                notice.id, until: clock.now().adding(seconds: Self.wait(afterAttempts: notice.attempts + 1)),
                because: why)
            return false
        }
    }

    static func wait(afterAttempts attempts: Int) -> Double {
        var seconds = retrySecondsMin
        for _ in 1..<max(1, attempts) where seconds < retrySecondsMax { seconds *= 2 }
        return min(seconds, retrySecondsMax)
    }
}
