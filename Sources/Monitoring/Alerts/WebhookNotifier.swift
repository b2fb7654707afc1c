public import Domain
public import Logging
public import ServiceLifecycle
import Synchronization

/// The port through which a webhook is sent; the server's HTTP client is behind it.
public protocol WebhookPosting: Sendable {
    /// Posts JSON and gives the status of the answer. Redirects are not followed.
    func post(_ json: [UInt8], to url: String, deadline: Duration) async throws -> Int
}

/// Sends every announced alert to the webhooks of its model's policy.
///
/// A bounded queue of its own, so that a dead receiver holds up neither monitoring nor retraining. Delivery is at least
/// once while the process lives; what is waiting at a stop is lost, and the alert itself stays in the store.
public final class WebhookNotifier: AlertListener, Service {
    /// Alerts waiting; the oldest go first, and are counted.
    static let queuedMax = 1_000
    static let attemptsMax = 5
    static let deadline = Duration.seconds(5)
    /// Before the second attempt; doubled before each further one.
    static let firstPause = Duration.seconds(1)
    /// Webhooks of one policy that are called.
    static let webhooksMax = 10

    private let endpoints: any MonitoredEndpointSource
    private let poster: any WebhookPosting
    private let encode: @Sendable (Alert) throws -> [UInt8]
    private let logger: Logger
    private let pause: @Sendable (Duration) async throws -> Void
    private let stream: AsyncStream<Alert>
    private let continuation: AsyncStream<Alert>.Continuation
    private let droppedAlerts = Atomic<Int>(0)

    /// - Parameters:
    ///   - encode: an alert as the JSON that is posted.
    ///   - pause: waits between attempts; tests make it return at once.
    public init(
        endpoints: any MonitoredEndpointSource, poster: any WebhookPosting,
        encode: @escaping @Sendable (Alert) throws -> [UInt8], logger: Logger,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.endpoints = endpoints
        self.poster = poster
        self.encode = encode
        self.logger = logger
        self.pause = pause
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.queuedMax))
    }

    public func alertChanged(_ alert: Alert) async {
        if case .dropped = continuation.yield(alert) {
            droppedAlerts.wrappingAdd(1, ordering: .relaxed)
            logger.error("too many alerts are waiting for webhooks; the oldest was dropped")
        }
    }

    /// Notifications that were never sent for want of room.
    public var droppedCount: Int { droppedAlerts.load(ordering: .relaxed) }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            for await alert in self.stream { await self.deliver(alert) }
        }
    }

    /// Posts one alert to all webhooks of its policy.
    func deliver(_ alert: Alert) async {
        do {
            let policy = try await endpoints.monitoredEndpoints().first { $0.endpoint.name == alert.endpoint }?.policy
            let body = try encode(alert)
            for url in (policy?.alerts.webhooks ?? []).prefix(Self.webhooksMax) { await deliver(body, to: url) }
        } catch {
            logger.error("an alert could not be sent", metadata: ["alert": "\(alert.id)", "error": "\(error)"])
        }
    }

    private func deliver(_ body: [UInt8], to url: String) async {
        var wait = Self.firstPause
        for attempt in 1...Self.attemptsMax {
            let problem: String
            do {
                let status = try await poster.post(body, to: url, deadline: Self.deadline)
                if (200..<300).contains(status) { return }
                problem = "status \(status)"
                // The receiver understood and refuses; it will again.
                if (400..<500).contains(status), status != 408, status != 429 {
                    logger.error("a webhook refused an alert", metadata: ["reason": "\(problem)"])
                    return
                }
            } catch {
                problem = "\(error)"
            }
            guard attempt < Self.attemptsMax else {
                logger.error(
                    "a webhook did not take an alert", metadata: ["attempts": "\(attempt)", "reason": "\(problem)"])
                return
            }
            do { try await pause(wait) } catch { return }
            wait *= 2
        }
    }
}
