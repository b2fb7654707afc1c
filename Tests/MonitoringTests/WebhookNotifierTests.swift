import Domain
import Logging
import Synchronization
import Testing

@testable import Monitoring

@Suite("Webhook notifier")
struct WebhookNotifierTests {
    /// Answers with the given statuses, then with 200.
    final class Poster: WebhookPosting {
        let statuses: Mutex<[Int]>
        let urls = Mutex<[String]>([])
        init(_ statuses: [Int]) { self.statuses = Mutex(statuses) }
        func post(_ json: [UInt8], to url: String, deadline: Duration) async throws -> Int {
            urls.withLock { $0.append(url) }
            let status = statuses.withLock { $0.isEmpty ? 200 : $0.removeFirst() }
            if status == 0 { throw MartletError(.unavailable, "refused") }
            return status
        }
    }

    func deliver(_ statuses: [Int]) async -> [String] {
        var policy = Policy(model: "e", owner: "o", purpose: "p", task: .regression)
        policy.alerts.webhooks = ["http://a", "http://b"]
        let endpoint = Endpoint(id: 1, name: "e", variants: [], updatedAt: Timestamp(milliseconds: 0))
        let poster = Poster(statuses)
        let notifier = WebhookNotifier(
            endpoints: GivenEndpoints([MonitoredEndpoint(endpoint: endpoint, versions: [], policy: policy)]),
            poster: poster, encode: { _ in [] }, logger: Logger(label: "t", factory: { _ in SwiftLogNoOpLogHandler() }),
            pause: { _ in })
        await notifier.deliver(
            AlertTracker(AlertTrackerTests.verdict(true), windowsToFire: 1, now: Timestamp(milliseconds: 1)).alert)
        return poster.urls.withLock { $0 }
    }

    @Test("each webhook is called once when it answers; a server's failure is tried five times, a refusal once")
    func retries() async {
        #expect(await deliver([]) == ["http://a", "http://b"])
        #expect(await deliver([500, 0, 429]) == ["http://a", "http://a", "http://a", "http://a", "http://b"])
        #expect(await deliver([500, 500, 500, 500, 500]).count == 6)
        #expect(await deliver([404]) == ["http://a", "http://b"])
    }
}
