import Domain
import Lifecycle
import Testing

@Suite("Readiness: criteria and their evidence")
struct ReadinessEvaluatorTests {
    private static func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }
    private static let id = ModelVersionID(model: "wear", version: 2)

    private static func record(
        _ version: Int = 2, description: String? = "What it does", tags: [String: String] = [:]
    ) -> VersionRecord {
        VersionRecord(
            id: ModelVersionID(model: "wear", version: version), createdAt: at(50), createdBy: .init(rawValue: "dana"),
            createdByName: "dana", runID: "r\(version)", loggedModelID: "m\(version)", source: "s",
            description: description, tags: tags, aliases: [],
            files: [VersionFile(path: "model.onnx", digest: "d", bytes: 1)])
    }

    private static func metric(
        _ key: String, _ value: Double, dataset: String? = "holdout", digest: String? = "abc", loggedAt: Int64 = 60,
        model: String? = nil
    ) -> RunRecord.Metric {
        RunRecord.Metric(
            key: key, value: value, timestamp: at(0), loggedAt: at(loggedAt), datasetName: dataset,
            datasetDigest: dataset == nil ? nil : digest, modelID: model)
    }

    private static func run(_ version: Int = 2, _ metrics: [RunRecord.Metric]) -> RunRecord {
        RunRecord(
            id: "r\(version)", experimentID: "0", name: "n", status: "FINISHED", createdBy: .init(rawValue: "dana"),
            createdByName: "dana", startedAt: at(40), endedAt: nil, params: [:], tags: ["card": " "], metrics: metrics,
            datasets: [])
    }

    private static func preparation(_ state: VersionPreparation.State = .servable) -> VersionPreparation {
        VersionPreparation(
            id: id, state: state, detail: "As logged.",
            servable: ServableVersion(id: id, path: "/m", digest: "d", columns: [], predictionOutput: "y"),
            runtime: "test runtime", preparedAt: at(55))
    }

    private static func policy(_ version: Int = 1, inForceAt: Int64? = 10, _ criteria: Criteria) -> PolicyVersion {
        var policy = Policy(model: "wear", owner: "o", purpose: "p", task: .binaryClassification)
        policy.criteria = criteria
        return PolicyVersion(
            model: "wear", version: version, policy: policy, document: "", state: .inForce,
            author: .init(rawValue: "pat"), authorName: "pat", appliedAt: at(5), inForceAt: inForceAt.map(at),
            loosens: [])
    }

    private static func policy(_ criteria: Criteria) -> PolicyVersion { policy(1, criteria) }

    private static func criteria(_ change: (inout Criteria) -> Void) -> Criteria {
        var criteria = Criteria()
        change(&criteria)
        return criteria
    }

    private func facts(
        metrics: [RunRecord.Metric] = [], record: VersionRecord = record(2), policies: [PolicyVersion] = [],
        change: (inout ReadinessFacts) -> Void = { _ in }
    ) -> ReadinessFacts {
        var facts = ReadinessFacts(
            candidate: .init(record: record, run: Self.run(2, metrics)), champion: nil, preparation: Self.preparation(),
            golden: .value(.reproduced), measurement: .missing("Not measured yet."), live: nil, policies: policies)
        change(&facts)
        return facts
    }

    /// The rows beyond those that every version must show.
    private func rows(_ policy: PolicyVersion, _ facts: ReadinessFacts) -> [ReadinessReport.Row] {
        var facts = facts
        if facts.policies.isEmpty { facts.policies = [policy] }
        return Array(ReadinessEvaluator(policy: policy, facts: facts).report(at: Self.at(99)).rows.dropFirst(3))
    }

    private let recall = MetricCriterion(metric: "recall", dataset: "holdout", atLeast: 0.8)

    @Test("without criteria a version must still be servable, reproduce its golden answer and agree with the original")
    func always() {
        let policy = Self.policy(Criteria())
        let good = ReadinessEvaluator(policy: policy, facts: facts()).report(at: Self.at(99))
        #expect(good.rows.map(\.criterion) == ["servable", "golden", "parity"] && good.isReady)
        #expect(good.policyVersion == 1 && good.time == Self.at(99))
        let breaks: [(inout ReadinessFacts) -> Void] = [
            { $0.preparation = nil }, { $0.preparation = Self.preparation(.pending) },
            { $0.preparation = Self.preparation(.unservable) }, { $0.golden = .value(.differs("by 1")) },
            { $0.golden = .missing("none") }, { $0.golden = .value(.missing("none")) },
            { $0.preparation?.servable?.digest = "converted, without parity" },
        ]
        let python = facts {
            $0.preparation?.servable?.digest = "of the document"
            $0.preparation?.servable?.runtime = .python
        }
        #expect(ReadinessEvaluator(policy: policy, facts: python).report(at: Self.at(99)).isReady)
        for change in breaks {
            let report = ReadinessEvaluator(policy: policy, facts: facts(change: change)).report(at: Self.at(99))
            #expect(!report.isReady && report.rows.count == 3)
        }
    }

    @Test("a metric is taken from the named data set only, the later logged one, and not another model's")
    func metric() {
        let policy = Self.policy(Self.criteria { $0.metrics = [recall] })
        func status(_ metrics: [RunRecord.Metric]) -> (ReadinessReport.Status?, String?) {
            let row = rows(policy, facts(metrics: metrics)).first
            return (row?.status, row?.measured)
        }
        #expect(status([Self.metric("recall", 0.8)]) == (.met, "0.8"))
        #expect(status([Self.metric("recall", 0.7999)]) == (.unmet, "0.7999"))
        #expect(status([Self.metric("recall", .nan)]).0 == .unknown)
        #expect(status([Self.metric("recall", 0.9, dataset: "training")]) == (.unknown, nil))
        #expect(status([Self.metric("recall", 0.9, dataset: nil)]) == (.unknown, nil))
        #expect(status([Self.metric("recall", 0.9, model: "m1")]) == (.unknown, nil))
        #expect(status([Self.metric("recall", 0.9, model: "m2")]) == (.met, "0.9"))
        let twice = [
            Self.metric("recall", 0.9, digest: "old", loggedAt: 61), Self.metric("recall", 0.5, loggedAt: 62),
        ]
        #expect(status(twice) == (.unmet, "0.5"))
        let row = rows(policy, facts(metrics: [Self.metric("recall", 0.8)])).first
        #expect(row?.threshold == "≥ 0.8" && row?.criterion == "metrics.recall@holdout")
        #expect(row?.evidence == "Run r2, data set holdout (abc), logged 1970-01-01T00:01:00Z.")
        let noRun = rows(policy, facts { $0.candidate.run = nil }).first
        #expect(noRun?.status == .unknown)
    }

    @Test("a criterion was written before only if one at least as strict was in force at the evaluation")
    func writtenBefore() {
        let strict = Self.policy(1, inForceAt: 10, Self.criteria { $0.metrics = [recall] })
        var looser = recall
        looser.atLeast = 0.7
        let loose = Self.policy(2, inForceAt: 70, Self.criteria { $0.metrics = [looser] })
        let other = Self.policy(1, inForceAt: 10, Self.criteria { $0.throughputAtLeast = 1 })
        let waited = Self.policy(1, inForceAt: nil, Self.criteria { $0.metrics = [recall] })
        func written(_ now: PolicyVersion, _ all: [PolicyVersion], loggedAt: Int64) -> Bool? {
            rows(now, facts(metrics: [Self.metric("recall", 0.9, loggedAt: loggedAt)], policies: all)).first?
                .writtenBefore
        }
        #expect(written(strict, [strict], loggedAt: 60) == true)
        #expect(written(strict, [strict], loggedAt: 9) == false)
        // The stricter one stood before.
        #expect(written(loose, [strict, loose], loggedAt: 60) == true)
        // A stricter one that came later does not make up for it.
        #expect(written(strict, [loose, strict], loggedAt: 9) == false)
        let later = Self.policy(2, inForceAt: 70, Self.criteria { $0.metrics = [recall] })
        #expect(written(later, [other, later], loggedAt: 60) == false)
        #expect(written(later, [waited, later], loggedAt: 60) == false)
    }

    @Test("against the champion: at once where there is none, unknown where its metric is, else by the difference")
    func champion() {
        var criterion = recall
        criterion.atLeast = nil
        criterion.againstChampion = ChampionComparison(higherIsBetter: true, worseByAtMost: 0.05)
        let policy = Self.policy(Self.criteria { $0.metrics = [criterion] })
        func row(_ ours: Double?, _ theirs: [RunRecord.Metric]?) -> ReadinessReport.Row? {
            rows(
                policy,
                facts(metrics: ours.map { [Self.metric("recall", $0)] } ?? []) {
                    $0.champion = theirs.map { .init(record: Self.record(1), run: Self.run(1, $0)) }
                }
            ).first
        }
        #expect(row(0.1, nil)?.status == .met)
        for value in [Double.nan, .infinity, -.infinity] { #expect(row(value, nil)?.status == .unknown, "\(value)") }
        #expect(row(nil, nil)?.status == .unknown)
        #expect(row(0.9, [])?.status == .unknown)
        #expect(row(0.85, [Self.metric("recall", 0.9)])?.status == .met)
        #expect(row(0.84, [Self.metric("recall", 0.9)])?.status == .unmet)
        #expect(row(0.9, [Self.metric("recall", 0.9)])?.threshold == "≥ champion − 0.05")
        #expect(row(0.9, [Self.metric("recall", 0.9, digest: "x")])?.evidence.contains("other contents") == true)
    }

    @Test("latency, throughput and cost come from the measurement, and are unknown without one")
    func measured() {
        let policy = Self.policy(
            Self.criteria {
                $0.latency = LatencyCriterion(p99MillisecondsAtMost: 5)
                $0.throughputAtLeast = 1000
                $0.cost = CostCriterion(perThousandPredictionsAtMost: 0.001, perCPUHour: 3.6)
            })
        #expect(rows(policy, facts()).map(\.status) == [.unknown, .unknown, .unknown])
        func statuses(_ p99: Double, _ rate: Double, _ cpu: Double) -> [ReadinessReport.Row] {
            let measurement = PerformanceMeasurement(
                time: Self.at(70), requests: 9, p50Milliseconds: 1, p99Milliseconds: p99, requestsPerSecond: rate,
                cpuMicrosecondsPerRequest: cpu, machine: "m")
            return rows(policy, facts { $0.measurement = .value(KeptMeasurement(id: 4, measurement: measurement)) })
        }
        // 1,000 requests of 1,000 µs are one second of processor: 0.001 of 3.6 an hour.
        #expect(statuses(5, 1000, 1000).map(\.status) == [.met, .met, .met])
        #expect(statuses(5.1, 999, 1001).map(\.status) == [.unmet, .unmet, .unmet])
        #expect(statuses(5, 1000, 1000).map(\.writtenBefore) == [true, true, true])
        #expect(statuses(5, 1000, 1000).first?.evidence.hasPrefix("Measurement 4 of ") == true)
    }

    @Test("availability and business figures come from live traffic, else from the run, else they are unknown")
    func live() {
        let policy = Self.policy(
            Self.criteria {
                $0.availability = AvailabilityCriterion(atLeast: 0.99)
                $0.kpis = [KPICriterion(name: "saved", atLeast: 10)]
            })
        #expect(rows(policy, facts()).map(\.status) == [.unknown, .unknown])
        let silent = LiveFigures(requests: 0, errors: 0, kpis: [:])
        #expect(rows(policy, facts { $0.live = silent }).map(\.status) == [.unknown, .unknown])
        let logged = [
            Self.metric("availability", 0.99, dataset: nil), Self.metric("kpi.saved", 10, dataset: nil),
        ]
        #expect(rows(policy, facts(metrics: logged) { $0.live = silent }).map(\.status) == [.met, .met])
        let bad = LiveFigures(requests: 100, errors: 2, kpis: ["saved": .init(mean: 9, count: 3)])
        #expect(rows(policy, facts(metrics: logged) { $0.live = bad }).map(\.status) == [.unmet, .unmet])
    }

    @Test("documentation is a description or a tag with text in it")
    func documentation() {
        let policy = Self.policy(Self.criteria { $0.documentation = ["description", "card"] })
        #expect(rows(policy, facts()).map(\.status) == [.met, .unmet])
        let written = Self.record(description: "", tags: ["card": "# Card"])
        #expect(rows(policy, facts(record: written)).map(\.status) == [.unmet, .met])
    }
}
