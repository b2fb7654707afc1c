internal import Domain
internal import Logging
internal import ServiceLifecycle
internal import Storage

/// Sends what the registry's changes left in the outbox, until shutdown. What is not sent then is sent by the next process.
struct WebhookDeliveryService: Service {
    /// Deliveries sent at the same time; more wait in the outbox.
    static let concurrentMax = 16
    /// Between two looks into an empty outbox.
    static let pause = Duration.milliseconds(500)
    /// Days that the history of finished deliveries is kept.
    static let historyDays = 30.0
    /// Finished deliveries removed in one transaction.
    static let pruneMax = 1_000
    /// Looks into the outbox between two prunings: some ten minutes.
    static let roundsBetweenPrunings = 1_200

    let store: WebhookStore
    let sender: any WebhookSending
    let clock: any WallClock
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var round = 0
            while !Task.isCancelled {
                let wasBusy = await self.deliver()
                if round.isMultiple(of: Self.roundsBetweenPrunings) { await self.prune() }
                round += 1
                if wasBusy { continue }
                do { try await Task.sleep(for: Self.pause) } catch { return }
            }
        }
    }

    /// One look into the outbox.
    ///
    /// - Returns: whether there may be more.
    func deliver() async -> Bool {
        do {
            // Looked for by a reader first, so that an idle server does not write twice a second.
            guard try await store.isAnyDue() else { return false }
            let parcels = try await store.take(limit: Self.concurrentMax)
            await withTaskGroup(of: Void.self) { group in
                for parcel in parcels { group.addTask { await self.send(parcel) } }
            }
            return !parcels.isEmpty
        } catch {
            logger.error("the webhooks' outbox could not be read", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func send(_ parcel: WebhookParcel) async {
        let outcome = await sender.send(parcel)
        // Stopped in the middle of the attempt: its lease runs out, and the next process tries again.
        if Task.isCancelled, outcome.status == nil { return }
        do {
            try await store.note(outcome, of: parcel, jitter: .random(in: 0...1))
        } catch {
            logger.error(
                "what came of a webhook's delivery could not be noted; it will be sent again",
                metadata: ["delivery": "\(parcel.deliveryID)", "error": "\(error)"])
        }
    }

    private func prune() async {
        let end = clock.now().adding(seconds: -Self.historyDays * 86_400)
        do {
            while try await store.prune(before: end, limit: Self.pruneMax) == Self.pruneMax {}
        } catch {
            logger.error("old webhook deliveries could not be removed", metadata: ["error": "\(error)"])
        }
    }
}
