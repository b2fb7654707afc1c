import Domain
import Storage
import TestSupport
import Testing

@Suite("Taking over what another server holds")
struct ImportStoreTests {
    let world: TrackingWorld
    let root = Principal(id: .init(rawValue: "p-root"), name: "root", roles: [.administrator])
    let source = "http://mlflow:5000"
    var imports: ImportStore { ImportStore(database: world.database, clock: world.clock) }

    init() throws { world = try TrackingWorld() }

    private func experiment(_ id: String, _ name: String, deleted: Bool = false) -> Experiment {
        Experiment(
            id: id, name: name, artifactLocation: "mlflow-artifacts:/\(id)", isDeleted: deleted,
            createdAt: Timestamp(milliseconds: 10), updatedAt: Timestamp(milliseconds: 20), tags: ["team": "a"])
    }

    private func run(_ id: String, in experiment: String, deleted: Bool = false) -> Run {
        var run = Run(
            id: id, experimentID: experiment, name: "r", userID: "somebody", status: .finished,
            startedAt: Timestamp(milliseconds: 100), endedAt: Timestamp(milliseconds: 200),
            artifactURI: "mlflow-artifacts:/\(experiment)/\(id)/artifacts", isDeleted: deleted)
        run.params = ["depth": String(repeating: "7", count: 9_000)]
        run.tags = ["mlflow.runName": "r"]
        run.datasets = [
            DatasetInput(
                name: "plants", digest: "d1", sourceType: "local", source: "{}", schema: nil, profile: nil,
                tags: ["mlflow.data.context": "training"])
        ]
        return run
    }

    private func version(_ name: String, _ number: Int, source: String, run: String?) -> ModelVersion {
        ModelVersion(
            id: ModelVersionID(model: name, version: number), createdAt: Timestamp(milliseconds: 1_000 + Int64(number)),
            updatedAt: Timestamp(milliseconds: 2_000), stage: .staging, description: "d", source: source, runID: run,
            runLink: nil, loggedModelID: nil, artifactRoot: "", createdBy: root.id, createdByName: "")
    }

    @Test("ids and times are kept, an import that is repeated changes nothing, and limits do not cut what is there")
    func runs() async throws {
        for round in 1...2 {
            let outcomes = try await imports.experiments(
                [experiment("0", "Default"), experiment("77", "trial")], from: source, by: root)
            #expect(outcomes.map(\.newID) == ["0", "77"])
            let item = run("abc", in: "77")
            let made = try await imports.runs([item, run("gone", in: "77", deleted: true)], from: source, by: root)
            #expect(made.map(\.result) == (round == 1 ? [.created, .created] : [.updated, .updated]))
            let points = [(0, 1.5), (1, .nan), (1, .infinity)].map { step, value in
                MetricPoint(key: "loss", value: value, timestamp: Timestamp(milliseconds: 5), step: Int64(step))
            }
            try await imports.points(points, ofRun: "abc", from: source)
            let stored = try await world.runs.run("abc")
            #expect(stored.params == item.params && stored.tags == item.tags && stored.datasets == item.datasets)
            #expect(stored.startedAt == item.startedAt && stored.endedAt == item.endedAt && stored.userID == "somebody")
            #expect(stored.artifactURI == "mlflow-artifacts:/77/abc/artifacts" && !stored.isDeleted)
            #expect(try await world.runs.history("abc", key: "loss", limit: 9, offset: 0).items.count == 3)
            #expect(try await world.runs.run("gone").isDeleted)
        }
        let kept = try await world.experiments.experiment(id: "77")
        #expect(kept.createdAt.milliseconds == 10 && kept.tags == ["team": "a"])
        #expect(
            try await world.experiments.create(name: "next", artifactLocation: nil, tags: [:], by: world.ada) == "78")
    }

    @Test("an experiment whose id is taken gets another, for ever the same; one whose name is deleted here is refused")
    func experiments() async throws {
        let taken = try await world.experiments.create(name: "mine", artifactLocation: nil, tags: [:], by: world.ada)
        let first = try await imports.experiments([experiment(taken, "theirs")], from: source, by: root)
        let id = try #require(first[0].newID)
        #expect(id != taken)
        #expect(
            try await imports.experiments([experiment(taken, "renamed")], from: source, by: root)[0].newID == id)
        #expect(try await world.experiments.experiment(id: id).name == "renamed")
        _ = try await imports.runs([run("abc", in: taken)], from: source, by: root)
        #expect(try await world.runs.run("abc").experimentID == id)
        try await world.experiments.setDeleted(true, id: taken, by: world.ada)
        let refused = try await imports.experiments([experiment("9", "mine")], from: source, by: root)
        #expect(refused[0].result == .refused && refused[0].reason?.contains("martlet collect") == true)
        #expect(
            await world.refusal { _ = try await imports.runs([run("x", in: "404")], from: source, by: root) }
                == .failedPrecondition)
    }

    @Test("a logged model brings its metrics to the points of the run that measured it")
    func loggedModels() async throws {
        _ = try await imports.experiments([experiment("7", "trial")], from: source, by: root)
        _ = try await imports.runs([run("abc", in: "7")], from: source, by: root)
        let point = MetricPoint(
            key: "auc", value: 0.5, timestamp: Timestamp(milliseconds: 5), step: 1, datasetName: "plants",
            datasetDigest: "d1", modelID: "m-1")
        var model = LoggedModel(
            id: "m-1", experimentID: "7", name: "net", modelType: "c", sourceRunID: "abc", status: .ready,
            artifactURI: "", createdAt: Timestamp(milliseconds: 1), updatedAt: Timestamp(milliseconds: 2))
        model.params = ["k": "v"]
        for _ in 1...2 {
            try await imports.points(
                [MetricPoint(key: "auc", value: 0.5, timestamp: point.timestamp, step: 1)], ofRun: "abc", from: source)
            _ = try await imports.loggedModels(
                [(model: model, metrics: [(runID: "abc", point: point), (runID: "gone", point: point)])],
                from: source, by: root)
            let stored = try await world.loggedModels.model("m-1")
            #expect(stored.metrics == [RunMetric(runID: "abc", point: point), RunMetric(runID: "gone", point: point)])
            #expect(stored.params == ["k": "v"] && stored.status == .ready)
        }
        #expect(try await world.runs.history("abc", key: "auc", limit: 9, offset: 0).items.count == 1)
    }

    @Test("versions keep their numbers and gaps, find their files in the moved experiment, and others count on")
    func versions() async throws {
        let taken = try await world.experiments.create(name: "mine", artifactLocation: nil, tags: [:], by: world.ada)
        let id = try #require(
            try await imports.experiments([experiment(taken, "theirs")], from: source, by: root)[0].newID)
        _ = try await imports.runs([run("abc", in: taken)], from: source, by: root)
        try await world.put("\(id)/abc/artifacts/model/MLmodel", "flavors")
        var model = RegisteredModel(
            name: "pump", description: "text", createdAt: Timestamp(milliseconds: 3),
            updatedAt: Timestamp(milliseconds: 4))
        model.tags = ["owner": "olga"]
        for round in 1...2 {
            _ = try await imports.registeredModels([model], from: source, by: root)
            let outcomes = try await imports.versions(
                [
                    version("pump", 1, source: "mlflow-artifacts:/\(taken)/abc/artifacts/model", run: "abc"),
                    version("pump", 4, source: "s3://elsewhere/model", run: nil),
                    version("pump", 5, source: "/home/somebody/model", run: "lost"),
                ], from: source, by: root)
            let expected: [ImportOutcome.Result] =
                round == 1 ? [.created, .withoutFiles, .withoutFiles] : [.updated, .updated, .updated]
            #expect(outcomes.map(\.result) == expected)
        }
        let first = try await world.reader.versionRecord(ModelVersionID(model: "pump", version: 1))
        #expect(first.files.map(\.path) == ["MLmodel"] && first.runID == "abc")
        #expect(first.createdAt.milliseconds == 1_001)
        let stored = try await world.registry.version(first.id)
        #expect(stored.stage == .staging && stored.description == "d")
        #expect(try await world.version(of: "pump").id.version == 6)
        let other = try await imports.versions(
            [version("pump", 6, source: "s3://x/y", run: nil)], from: source, by: root)
        #expect(other[0].result == .refused)
        let history = try await RegistryHistory(database: world.database).changes(
            of: "pump", matching: RegistryHistoryQuery(version: 1), limit: 9)
        #expect(history.count == 3 && history.allSatisfy { $0.origin == .import && $0.actorName == "root" })
    }

    @Test("what was changed here since is left as it is, and told; aliases under a rule or a policy are not moved")
    func changedHere() async throws {
        var model = RegisteredModel(
            name: "pump", description: "text", createdAt: Timestamp(milliseconds: 3),
            updatedAt: Timestamp(milliseconds: 4))
        model.tags = ["owner": "olga", "team": "a"]
        _ = try await imports.registeredModels([model], from: source, by: root)
        _ = try await imports.versions(
            [version("pump", 1, source: "s3://a/b", run: nil), version("pump", 2, source: "s3://a/c", run: nil)],
            from: source, by: root)
        func aliases(_ map: [String: Int]) async throws -> [ImportOutcome] {
            try await imports.aliases(of: "pump", map, from: source, by: root) { $0 == "champion" }
        }
        let first = try await aliases(["next": 1, "champion": 1, "old": 9])
        #expect(first.map(\.result) == [.refused, .created, .refused])
        #expect(try await aliases(["next": 2]).map(\.result) == [.updated])
        try await world.registry.setAlias("pump", alias: "next", version: 1, by: world.ada)
        #expect(try await aliases(["next": 2]).map(\.result) == [.refused])
        #expect(try await world.registry.model("pump").aliases == ["next": 1])
        try await world.registry.setTag("pump", key: "owner", value: "ada", by: world.ada)
        model.tags = ["owner": "olga", "team": "b"]
        let again = try await imports.registeredModels([model], from: source, by: root)
        #expect(again[0].reason?.contains("tag owner") == true)
        #expect(try await world.registry.model("pump").tags == ["owner": "ada", "team": "b"])
        let operatorOlga = Principal(id: .init(rawValue: "p-o"), name: "olga", roles: [.operator])
        _ = try await AccountStore(database: world.database, clock: world.clock).create(
            name: "ben", roles: [.contributor], actor: .system)
        _ = try await AliasRuleStore(database: world.database, clock: world.clock).protect(
            "pump", alias: "prod", roles: [], principals: ["ben"], by: operatorOlga)
        #expect(try await aliases(["prod": 1])[0].reason?.contains("ben") == true)
    }

    @Test("what is here in full is remembered as long as it is here")
    func completed() async throws {
        _ = try await imports.experiments([experiment("7", "trial")], from: source, by: root)
        _ = try await imports.runs([run("a", in: "7"), run("b", in: "7")], from: source, by: root)
        try await imports.complete(
            source, kind: "run", items: [(id: "a", fingerprint: "1"), (id: "gone", fingerprint: "2")])
        let found = try await imports.completed(source, kind: "run", after: "", limit: 9)
        #expect(found.map(\.id) == ["a"] && found.map(\.fingerprint) == ["1"])
        #expect(try await imports.completed("other", kind: "run", after: "", limit: 9).isEmpty)
    }
}
