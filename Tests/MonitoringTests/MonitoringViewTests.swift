import Domain
import Testing

@testable import Monitoring

@Suite("What routes and pages see of the traffic")
struct MonitoringViewTests {
    let now = Timestamp(milliseconds: 1_767_225_600_000)

    private func partial(_ secondsAgo: Double, requests: Int, errors: Int = 0, version: Int = 1) -> PartialWindow {
        var partial = PartialWindow(
            endpoint: "wear", version: version, role: .champion, start: now.adding(seconds: -secondsAgo),
            end: now.adding(seconds: 1 - secondsAgo))
        partial.requests = requests
        partial.errors = errors
        partial.latency = [40: requests - errors]
        return partial
    }

    @Test("live figures are those of the last minute, with two minutes of history")
    func live() throws {
        let live = MonitoringView.liveTraffic(
            [partial(119, requests: 50), partial(30, requests: 90, errors: 9), partial(1, requests: 30)], now: now)
        let only = try #require(live.first)
        #expect(live.count == 1 && only.version == 1)
        #expect(only.requestsPerSecond == 2 && only.errorShare == 0.075 && only.p99Milliseconds != nil)
        #expect(only.history.count == 24 && only.history[0] == 10 && only.history[18] == 18 && only.history[23] == 6)
    }

    @Test("traffic of more than a minute ago is history, and no rate")
    func silent() throws {
        let only = try #require(MonitoringView.liveTraffic([partial(90, requests: 50)], now: now).first)
        #expect(only.requestsPerSecond == 0 && only.errorShare == nil && only.p99Milliseconds == nil)
        #expect(only.history.reduce(0, +) == 10)
    }

    @Test("traffic that began just now is not thinned out over a minute in which there was none")
    func fresh() throws {
        let only = try #require(
            MonitoringView.liveTraffic([partial(10, requests: 50), partial(2, requests: 50)], now: now).first)
        #expect(only.requestsPerSecond == 10)
        let single = try #require(MonitoringView.liveTraffic([partial(1, requests: 1)], now: now).first)
        #expect(single.requestsPerSecond == 0.2)
    }

    @Test("where partials of whole minutes are among them, no stretch is shorter than a minute")
    func compacted() {
        let partials = (0..<60).map { partial(3_600 - Double($0) * 60, requests: 60) }
        let points = MonitoringView.traffic(partials, since: now.adding(seconds: -3_600), now: now)
        #expect(points.allSatisfy { $0.seconds == 60 && $0.requests == 60 })
        let fresh = MonitoringView.traffic([partial(100, requests: 6)], since: now.adding(seconds: -3_600), now: now)
        #expect(fresh.map(\.seconds) == [1])
    }
}
