import Dashboard
import Domain
import Testing

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

    @Test("traffic is the newest stretch, as requests a second and a share of errors")
    func traffic() throws {
        let traffic = try #require(EndpointStatus.traffic(monitoring).first)
        #expect(traffic.requestsPerSecond == 40 && traffic.errorShare == 0.01 && traffic.history == [40])
    }
}
