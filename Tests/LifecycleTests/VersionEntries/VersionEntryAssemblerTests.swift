import Domain
import Lifecycle
import Testing

@Suite("The entry of a version")
struct VersionEntryAssemblerTests {
    static let id = ModelVersionID(model: "wear", version: 3)

    static func record(tags: [String: String] = [:], runID: String? = "r1", loggedModelID: String? = nil)
        -> VersionRecord
    {
        VersionRecord(
            id: id, createdAt: Timestamp(milliseconds: 5_000), createdBy: Principal.ID(rawValue: "p"),
            createdByName: "ann", runID: runID, loggedModelID: loggedModelID, source: "s",
            description: "Two sensors more",
            tags: tags, aliases: ["b", "a"],
            files: [
                VersionFile(path: "model/requirements.txt", digest: "d1", bytes: 3),
                VersionFile(path: "model/model.onnx", digest: "d2", bytes: 3),
            ])
    }

    static func run(tags: [String: String] = [:], metrics: [RunRecord.Metric] = [], endedAt: Int64? = 4_000)
        -> RunRecord
    {
        RunRecord(
            id: "r1", experimentID: "0", name: "n", status: "FINISHED", createdBy: Principal.ID(rawValue: "p"),
            createdByName: "ann", startedAt: Timestamp(milliseconds: 3_000),
            endedAt: endedAt.map(Timestamp.init(milliseconds:)), params: ["depth": "3", "rate": "0.1"], tags: tags,
            metrics: metrics,
            datasets: [
                .init(name: "plants", digest: "d16e57", sourceType: "local", source: "{}", context: "training"),
                .init(name: "plants", digest: "e5", sourceType: "local", source: "{}", context: nil),
            ])
    }

    static func metric(_ key: String, _ value: Double, dataset: String?, model: String? = nil) -> RunRecord.Metric {
        .init(
            key: key, value: value, timestamp: Timestamp(milliseconds: 3_500), loggedAt: Timestamp(milliseconds: 3_500),
            datasetName: dataset, datasetDigest: dataset.map { "digest of \($0)" }, modelID: model)
    }

    static func rollout(
        _ id: Int64, _ candidate: Int, champion: Int?, _ state: Rollout.State, from: Int64, to: Int64,
        reason: String? = nil
    ) -> Rollout {
        Rollout(
            id: id, endpoint: "wear", candidate: candidate, champion: champion, plan: RolloutPlan(),
            guardrails: Guardrails(), policyVersion: 1, state: state, step: 0,
            stepStartedAt: Timestamp(milliseconds: from), startedAt: Timestamp(milliseconds: from),
            updatedAt: Timestamp(milliseconds: to), startedBy: "olga", reason: reason)
    }

    @Test("is filled from run, tags and policy, each fact with its source; a version's tag goes before its run's")
    func filled() throws {
        var facts = VersionEntryFacts(
            record: Self.record(tags: [
                VersionTag.featureEngineeringCommit: "fe2", VersionTag.knownLimitations: "Only one plant\nNo winter",
            ]))
        facts.run = Self.run(tags: [
            VersionTag.sourceCommit: "c0ffee", VersionTag.sourceRepository: "git@x:y.git",
            VersionTag.sourceBranch: "main", VersionTag.featureEngineeringCommit: "fe1",
            VersionTag.note: "From the run",
        ])
        var policy = Policy(model: "wear", owner: "olga", purpose: "p", task: .regression)
        policy.team = "Reliability"
        policy.knownLimitations = ["Not for pumps"]
        facts.policy = PolicyVersion(
            model: "wear", version: 7, policy: policy, document: "", state: .inForce,
            author: Principal.ID(rawValue: "p"), authorName: "olga", appliedAt: Timestamp(milliseconds: 0), loosens: [])
        facts.previousVersion = 2
        facts.datasetVersions = [
            LoggedDatasetKey(name: "plants", digest: "d16e57"): DatasetVersionID(
                name: "plants", number: 4, digest: "d16e57ff")
        ]
        let entry = VersionEntryAssembler(facts).entry
        #expect(entry.trainedAt == Timestamp(milliseconds: 4_000) && entry.registeredBy == "ann")
        #expect(entry.responsibleTeam == .init("Reliability", source: "policy version 7"))
        #expect(
            entry.training
                == .init(
                    commit: "c0ffee", repository: "git@x:y.git", branch: "main",
                    source: "run tag mlflow.source.git.commit"))
        #expect(
            entry.featureEngineering
                == .init(
                    commit: "fe2", repository: nil, branch: nil,
                    source: "version tag martlet.feature_engineering.commit"))
        #expect(entry.knownLimitations.map(\.value) == ["Not for pumps", "Only one plant", "No winter"])
        #expect(entry.notes.map(\.value) == ["Two sensors more", "From the run"])
        #expect(entry.data.map(\.version?.number) == [4, nil])
        #expect(entry.hyperparameters == ["depth": "3", "rate": "0.1"])
        #expect(entry.environment.map(\.path) == ["model/requirements.txt"] && entry.aliases == ["a", "b"])
        #expect(entry.previousVersion == 2 && entry.status == .neverServed)
        #expect(entry.gaps.map(\.field) == ["evaluations", "approvals"])
    }

    @Test("metrics are told by data set, those without one last; those of the run's other models are left out")
    func metrics() {
        var facts = VersionEntryFacts(record: Self.record(loggedModelID: "m-1"))
        facts.run = Self.run(metrics: [
            Self.metric("recall", 0.8, dataset: "validation"), Self.metric("loss", 0.3, dataset: nil),
            Self.metric("recall", 0.9, dataset: "test", model: "m-1"),
            Self.metric("recall", 0.1, dataset: "test", model: "m-2"),
        ])
        var logged = LoggedModel(
            id: "m-1", experimentID: "0", name: "m", modelType: "", sourceRunID: "r1", status: .ready, artifactURI: "",
            createdAt: Timestamp(milliseconds: 0), updatedAt: Timestamp(milliseconds: 0))
        logged.metrics = [
            RunMetric(
                runID: "r1",
                point: MetricPoint(
                    key: "auc", value: 0.7, timestamp: Timestamp(milliseconds: 9_000), step: 0, datasetName: "later",
                    datasetDigest: "digest of later"))
        ]
        logged.params = ["depth": "4"]
        facts.loggedModel = logged
        let entry = VersionEntryAssembler(facts).entry
        #expect(entry.evaluations.map(\.dataset) == ["later", "test", "validation", nil])
        #expect(entry.evaluations.map { $0.metrics.map(\.value) } == [[0.7], [0.9], [0.8], [0.3]])
        #expect(entry.hyperparameters["depth"] == "4")
    }

    @Test("without run and policy everything that they would tell is a gap with its reason, and nothing is made up")
    func gaps() {
        var gone = VersionEntryFacts(record: Self.record())
        gone.previousVersion = nil
        let entry = VersionEntryAssembler(gone).entry
        #expect(entry.trainedAt == nil && entry.training == nil && entry.data.isEmpty && entry.owner == nil)
        #expect(
            entry.gaps.map(\.field) == [
                "trained_at", "responsible_team", "data", "feature_engineering", "training", "hyperparameters",
                "evaluations", "known_limitations", "approvals",
            ])
        #expect(entry.gaps[0].reason == "The run r1 is gone.")
        #expect(entry.gaps.allSatisfy { !$0.remedy.isEmpty })
        let none = VersionEntryAssembler(VersionEntryFacts(record: Self.record(runID: nil))).entry
        #expect(none.gaps[0].reason == "The version names no run.")
    }

    @Test("times in production are those between promotions; what ended a trial is said")
    func production() {
        var facts = VersionEntryFacts(record: Self.record())
        facts.rollouts = [
            Self.rollout(9, 5, champion: 3, .promoted, from: 900, to: 950),
            Self.rollout(7, 3, champion: 2, .promoted, from: 500, to: 600, reason: "All steps passed."),
            Self.rollout(4, 3, champion: 2, .rolledBack, from: 300, to: 350, reason: "p99 was too long."),
            Self.rollout(1, 2, champion: nil, .promoted, from: 100, to: 100),
        ]
        facts.endpoint = Endpoint(
            id: 1, name: "wear", variants: [Variant(version: 5, role: .champion, weightBasisPoints: 10_000)],
            updatedAt: Timestamp(milliseconds: 950))
        let entry = VersionEntryAssembler(facts).entry
        #expect(entry.status == .replaced && entry.replacedVersion == 2)
        #expect(entry.production.map(\.kind) == [.trial, .trial, .production])
        #expect(entry.production.map(\.from.milliseconds) == [300, 500, 600])
        #expect(entry.production.map(\.to?.milliseconds) == [350, 600, 950])
        #expect(entry.production[0].detail == "p99 was too long.")
        #expect(entry.production[2].detail == "Replaced by version 5, rollout 9.")
    }

    @Test("a first version is in production at once, without a trial, until now")
    func first() {
        var facts = VersionEntryFacts(record: Self.record())
        facts.rollouts = [Self.rollout(1, 3, champion: nil, .promoted, from: 100, to: 100)]
        facts.endpoint = Endpoint(
            id: 1, name: "wear", variants: [Variant(version: 3, role: .champion, weightBasisPoints: 10_000)],
            updatedAt: Timestamp(milliseconds: 100))
        let entry = VersionEntryAssembler(facts).entry
        #expect(entry.status == .inProduction && entry.replacedVersion == nil)
        #expect(entry.production.map(\.kind) == [.production] && entry.production[0].to == nil)
    }
}
