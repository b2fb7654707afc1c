import Domain
import Testing

@testable import Dashboard

@Suite struct EndpointPageMonitoringTests {
    private var monitoring: EndpointMonitoring {
        let bins = FeatureProfile.Bins.numeric(edges: [1, 2])
        func profile(_ counts: [Int]) -> Profile {
            Profile(rows: 100, features: [FeatureProfile(name: "heat", bins: bins, counts: counts)], prediction: nil)
        }
        func verdict(_ end: Double, _ value: Double) -> MonitorVerdict {
            MonitorVerdict(
                endpoint: "m", version: 2, windowStart: Samples.ago(end + 60), windowEnd: Samples.ago(end),
                kind: .featureDrift, subject: "heat", value: value, threshold: 0.2, rows: 100, isBroken: value >= 0.2,
                detail: "PSI \(value)")
        }
        func window(_ end: Double, _ value: Double, _ counts: [Int]) -> WindowSummary {
            WindowSummary(
                endpoint: "m", version: 2, role: .champion, start: Samples.ago(end + 60), end: Samples.ago(end),
                requests: 100, errors: 0, rejected: 0, p50Milliseconds: 1, p99Milliseconds: 2, profile: profile(counts),
                verdicts: [verdict(end, value)])
        }
        return EndpointMonitoring(
            endpoint: "m", time: Samples.now,
            references: [
                ReferenceProfile(
                    version: ModelVersionID(model: "m", version: 2), origin: .trainingData, predictionOrigin: nil,
                    detail: "", profile: profile([50, 30, 20]), builtAt: Samples.now)
            ],
            windows: [window(60, 0.01, [48, 32, 20]), window(0, 0.3, [10, 20, 70])],
            traffic: [
                .init(
                    start: Samples.ago(10), seconds: 10, version: 2, role: .champion, requests: 400, errors: 4,
                    p50Milliseconds: 1, p99Milliseconds: 3)
            ],
            quality: [
                QualityReport(
                    endpoint: "m", version: 2, time: Samples.now, labels: 200, metrics: ["recall": 0.7], kpis: [:])
            ], alerts: [])
    }

    @Test("drift shows every window's PSI, the newest verdict, and the newest window against the reference")
    func drift() throws {
        let drift = try #require(EndpointPage.drift(monitoring, version: 2).first)
        #expect(drift.feature == "heat" && drift.isDrifted && drift.test == "PSI 0.3")
        #expect(drift.psi.points.map(\.value) == [0.01, 0.3])
        #expect(drift.histogram.bins.map(\.live) == [0.1, 0.2, 0.7])
        #expect(drift.histogram.bins.map(\.reference) == [0.5, 0.3, 0.2])
        #expect(drift.histogram.bins.map(\.label) == ["≤1", "≤2", ">2"])
        #expect(EndpointPage.drift(monitoring, version: 3).isEmpty)
    }

    @Test("quality carries the policy's threshold and its direction")
    func quality() throws {
        let chart = try #require(EndpointPage.quality(monitoring, version: 2, policy: Samples.policy).first)
        #expect(chart.title == "recall" && chart.threshold == .init(value: 0.8, breaksAbove: false))
    }

    @Test(
        "requests, failures and latency are drawn over closed stretches; silence is zero requests and a gap in latency")
    func performance() throws {
        func point(_ seconds: Double, _ role: Variant.Role, _ requests: Int, _ errors: Int)
            -> EndpointMonitoring.TrafficPoint
        {
            .init(
                start: Timestamp(milliseconds: 0).adding(seconds: seconds), seconds: 10,
                version: role == .shadow ? 2 : 1,
                role: role, requests: requests, errors: errors, p50Milliseconds: 1, p99Milliseconds: 4)
        }
        var seen = monitoring
        seen.time = Timestamp(milliseconds: 45_000)
        seen.traffic = [
            point(0, .champion, 100, 0), point(0, .shadow, 100, 100), point(30, .champion, 50, 5),
            point(40, .champion, 1, 1),
        ]
        let charts = EndpointPage.performance(seen)
        #expect(
            charts.map(\.title) == [
                "Requests a second", "Failed by the server, %", "p99 latency of v1, ms", "p99 latency of v2, ms",
            ])
        #expect(charts[0].points.map(\.value) == [10, 0, 0, 5])
        #expect(charts[1].points.map { $0.value.isNaN ? -1 : $0.value } == [0, -1, -1, 10])
        #expect(charts[2].points.map { $0.value.isNaN ? -1 : $0.value } == [4, -1, -1, 4])
        seen.traffic = []
        #expect(EndpointPage.performance(seen).isEmpty)
    }

    @Test("a reference made of live rows says what it cannot see")
    func reference() {
        var seen = monitoring
        for index in seen.references.indices { seen.references[index].origin = .firstLiveRows }
        #expect(EndpointPage.reference(seen, version: 2)?.contains("cannot be seen") == true)
        #expect(EndpointPage.reference(seen, version: 99) == nil)
    }

    @Test("many fine bins are drawn as few, each with the shares of those it stands for")
    func coarseBins() throws {
        let edges = (1...99).map(Double.init)
        var profile = FeatureProfile(
            name: "x", bins: .numeric(edges: edges), counts: [Int](repeating: 1, count: 100))
        profile.counts[99] = 101
        let bins = EndpointPage.bins(live: profile, reference: profile)
        #expect(bins.count == 20)
        #expect(abs(bins.reduce(0) { $0 + $1.live } - 1) < 1e-9 && bins[0].live == 0.025)
        #expect(bins[0].label == "≤5" && bins[18].label == "≤95" && bins[19].label == ">95")
    }
}
