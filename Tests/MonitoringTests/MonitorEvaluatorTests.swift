import Domain
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Monitoring

@Suite("From tap to alert")
struct MonitorEvaluatorTests {
    /// One endpoint, one feature, and everything between the tap and the listener.
    struct House {
        let stores = MonitoringStores()
        let clock = ManualClock()
        let sink = WindowAccumulator()
        let listener = RecordingListener()
        let endpoints: GivenEndpoints
        let pump: ObservationPump
        let evaluator: MonitorEvaluator

        init(csv: [UInt8]?, quality: [QualityMonitor] = [], isDetectorEnabled: Bool = true) {
            var policy = Policy(model: "wear", owner: "o", purpose: "p", task: .binaryClassification)
            policy.monitors.windowSeconds = 10
            policy.monitors.rowsAtLeast = 200
            policy.monitors.quality = quality
            let endpoint = Endpoint(
                id: 1, name: "wear", variants: [Variant(version: 1, role: .champion, weightBasisPoints: 10_000)],
                updatedAt: Timestamp(milliseconds: 0))
            let servable = ServableVersion(
                id: ModelVersionID(model: "wear", version: 1), path: "", digest: "",
                columns: [FeatureColumn(name: "heat", input: "heat", index: 0, kind: .numeric)],
                predictionOutput: "label")
            endpoints = GivenEndpoints([MonitoredEndpoint(endpoint: endpoint, versions: [servable], policy: policy)])
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            let directory = ReferenceDirectory()
            let run = OneRun(csv: csv)
            pump = ObservationPump(
                sink: sink, directory: directory, windows: stores, outcomes: stores, references: stores, clock: clock,
                logger: logger)
            evaluator = MonitorEvaluator(
                endpoints: endpoints, directory: directory, references: stores,
                profiler: ReferenceProfiler(registry: run, artifacts: run, clock: clock), pump: pump, windows: stores,
                alerts: stores, feedback: stores, outcomes: stores, listeners: [listener], clock: clock, logger: logger,
                isDetectorEnabled: isDetectorEnabled)
        }

        static func csv(_ random: inout Gaussian) -> [UInt8] {
            var text = "heat,prediction\n"
            for _ in 0..<1_000 { text += "\(random.next()),\(random.uniform() < 0.3 ? 1 : 0)\n" }
            return Array(text.utf8)
        }

        func send(
            _ rows: Int, mean: Double, _ random: inout Gaussian, version: Int = 1, role: Variant.Role = .champion,
            failure: MartletError.Code? = nil, prefix: String = "p", positiveShare: Double = 0.3
        ) {
            for row in 0..<rows {
                let prediction = random.uniform() < positiveShare ? 1.0 : 0.0
                sink.observe(
                    Observation(
                        predictionID: PredictionID(rawValue: "\(prefix)\(row)"), endpoint: "wear", version: version,
                        role: role, askedAt: clock.now(), time: clock.now(), latencyNanoseconds: 2_000_000,
                        failure: failure, rows: 1,
                        features: failure == nil ? .columns([.numeric([random.next(mean: mean)])]) : .none,
                        answer: .values(
                            predictions: .numeric(failure == nil ? [prediction] : []), scores: [prediction * 0.8 + 0.1]),
                        businessKey: nil))
            }
        }

        /// One window's traffic, then the end of the window.
        func window(_ rows: Int = 250, mean: Double, _ random: inout Gaussian) async throws {
            send(rows, mean: mean, &random)
            try await pump.flush()
            clock.advance(seconds: 10)
            try await evaluator.evaluate()
        }
    }

    @Test("nothing is said of unchanged windows; a shift fires in its first window, and is resolved when it is gone")
    func shift() async throws {
        var random = Gaussian(seed: 21)
        let house = House(csv: House.csv(&random))
        try await house.evaluator.evaluate()
        for _ in 0..<20 { try await house.window(mean: 0, &random) }
        house.clock.advance(seconds: 3)
        try await house.evaluator.evaluate()
        #expect(house.stores.summaries.count == 20)
        #expect(house.listener.alerts.isEmpty)
        try await house.window(mean: 1, &random)
        house.clock.advance(seconds: 3)
        try await house.evaluator.evaluate()
        #expect(house.listener.alerts.map(\.state) == [.firing])
        #expect(house.listener.alerts.first?.subject == "heat")
        #expect(house.listener.alerts.first?.kind == .featureDrift)
        #expect(house.stores.verdicts.count == 1)
        for _ in 0..<2 { try await house.window(mean: 0, &random) }
        #expect(house.listener.alerts.map(\.state) == [.firing, .resolved])
        #expect(house.listener.alerts.map(\.id) == [1, 1])
    }

    @Test("one outcome that the store can never hold is dropped and counted; those beside it are kept")
    func poison() async throws {
        let house = House(csv: nil)
        for row in 0..<9 {
            house.sink.observe(
                Observation(
                    predictionID: PredictionID(rawValue: "p\(row)"), endpoint: "wear", version: 1, role: .champion,
                    askedAt: house.clock.now(),
                    time: house.clock.now(), latencyNanoseconds: 1, failure: nil, rows: 1,
                    features: .columns([.numeric([0])]),
                    answer: .values(predictions: .numeric([1]), scores: [0.9]),
                    businessKey: row == 4 ? MonitoringStores.poison : "k"))
        }
        try await house.pump.flush()
        #expect(house.stores.outcomes.count == 8)
        #expect(await house.pump.dropped["outcome"] == 1)
    }

    @Test("with the detector switched off the same shift says nothing, and the window is still there")
    func hook() async throws {
        var random = Gaussian(seed: 21)
        let house = House(csv: House.csv(&random), isDetectorEnabled: false)
        try await house.evaluator.evaluate()
        for _ in 0..<3 { try await house.window(mean: 3, &random) }
        #expect(house.stores.summaries.count >= 2)
        #expect(house.stores.alerts.isEmpty)
    }

    @Test("windows with too few rows are merged with the next until they have enough")
    func thinTraffic() async throws {
        var random = Gaussian(seed: 22)
        let house = House(csv: House.csv(&random))
        try await house.evaluator.evaluate()
        for _ in 0..<5 { try await house.window(90, mean: 0, &random) }
        house.clock.advance(seconds: 3)
        try await house.evaluator.evaluate()
        let first = try #require(house.stores.summaries.first)
        #expect(house.stores.summaries.count == 1)
        #expect(first.requests == 270)
        #expect(first.end.seconds(since: first.start) == 30)
    }

    @Test("without a reference the first thousand live rows become it, and it says so")
    func liveReference() async throws {
        var random = Gaussian(seed: 23)
        let house = House(csv: nil)
        try await house.evaluator.evaluate()
        for _ in 0..<4 { try await house.window(mean: 5, &random) }
        let reference = try #require(try await house.stores.referenceProfile(ModelVersionID(model: "wear", version: 1)))
        #expect(reference.origin == .firstLiveRows)
        #expect(reference.profile.rows == 1_000)
        #expect(reference.detail.contains("cannot be seen"))
        for _ in 0..<2 { try await house.window(mean: 5, &random) }
        #expect(house.listener.alerts.isEmpty)
        for _ in 0..<2 { try await house.window(mean: 8, &random) }
        #expect(Set(house.listener.alerts.map(\.subject)).contains("heat"))
    }

    @Test("quality of the newest labels fires and is resolved; a corrected label counts once")
    func quality() async throws {
        var random = Gaussian(seed: 24)
        let monitor = QualityMonitor(metric: "accuracy", atLeast: 0.8, labelsAtLeast: 100)
        let house = House(csv: House.csv(&random), quality: [monitor])
        try await house.evaluator.evaluate()
        try await house.window(200, mean: 0, &random)
        let outcomes = house.stores.content.withLock { $0.outcomes }
        #expect(outcomes.count == 200)
        func label(_ isRight: Bool, _ outcomes: [PredictionOutcome]) async throws {
            let feedback = outcomes.map { outcome in
                Feedback(
                    predictionID: outcome.predictionID, businessKey: nil, endpoint: "wear", row: 0,
                    label: (outcome.predicted == "1") == isRight ? "1.0" : "0", override: nil, kpis: ["saved": 2],
                    time: house.clock.now(), principal: "t")
            }
            _ = try await house.stores.record(feedback, by: .developer)
        }
        try await label(false, Array(outcomes.prefix(150)))
        house.clock.advance(seconds: 10)
        try await house.evaluator.evaluate()
        #expect(house.listener.alerts.map(\.kind) == [.quality])
        let report = try #require(house.stores.content.withLock { $0.reports.last })
        #expect(report.labels == 150)
        #expect(report.metrics["accuracy"] == 0)
        #expect(report.kpis == ["saved": 2])
        try await label(true, Array(outcomes.prefix(150)))
        house.clock.advance(seconds: 10)
        try await house.evaluator.evaluate()
        #expect(house.listener.alerts.map(\.state) == [.firing, .resolved])
        #expect(house.stores.content.withLock { $0.reports.last?.labels } == 150)
    }

    @Test("the evidence of a rollout has both sides, since the step and up to the last request")
    func evidence() async throws {
        var random = Gaussian(seed: 25)
        let house = House(csv: House.csv(&random))
        house.send(100, mean: 0, &random, prefix: "old")
        house.clock.advance(seconds: 5)
        let since = house.clock.now()
        house.send(400, mean: 0, &random, prefix: "a")
        house.send(90, mean: 0, &random, version: 2, role: .shadow, prefix: "b", positiveShare: 0.9)
        house.send(10, mean: 0, &random, version: 2, role: .candidate, failure: .internal, prefix: "c")
        house.send(5, mean: 0, &random, version: 2, role: .candidate, failure: .invalidArgument, prefix: "d")
        let pump = house.pump
        let source = ObservedEvidence(
            windows: house.stores, feedback: house.stores, outcomes: house.stores, endpoints: house.endpoints,
            flush: { try await pump.flush() })
        let evidence = try await source.evidence(endpoint: "wear", candidate: 2, champion: 1, since: since)
        #expect(evidence.champion?.requests == 400)
        #expect(evidence.candidate.requests == 105)
        #expect(evidence.candidate.errors == 10)
        let p99 = try #require(evidence.candidate.p99Milliseconds)
        #expect(abs(p99 / 2 - 1) < 0.032)
        #expect((evidence.predictionPSI ?? 0) > 0.5)
    }

    @Test("what the store refuses is kept and stored by the next flush")
    func failingStore() async throws {
        var random = Gaussian(seed: 26)
        let house = House(csv: House.csv(&random))
        try await house.evaluator.evaluate()
        house.send(50, mean: 0, &random)
        house.stores.content.withLock { $0.isFailing = true }
        await #expect(throws: MartletError.self) { try await house.pump.flush() }
        house.stores.content.withLock { $0.isFailing = false }
        try await house.pump.flush()
        #expect(house.stores.content.withLock { $0.partials.reduce(0) { $0 + $1.requests } } == 50)
        #expect(house.stores.content.withLock { $0.outcomes.count } == 50)
    }

    @Test("a full buffer drops and counts, and never waits")
    func overflow() {
        var random = Gaussian(seed: 27)
        let house = House(csv: nil)
        let room = WindowAccumulator.stripeCount * WindowAccumulator.observationsMax
        house.send(room + 1_000, mean: 0, &random)
        #expect(house.sink.droppedCount == 1_000)
        #expect((0..<WindowAccumulator.stripeCount).flatMap(house.sink.drain).count == room)
        #expect((0..<WindowAccumulator.stripeCount).flatMap(house.sink.drain).isEmpty)
    }
}
