import Domain
import Storage
import TestSupport
import Testing

@Suite("The lineage out of the stores")
struct LineageReaderTests {
    let world: TrackingWorld
    let store: DatasetStore
    let reader: LineageReader
    let log: PredictionLogStore

    init() throws {
        world = try TrackingWorld()
        store = DatasetStore(database: world.database, clock: world.clock)
        let observations = try Database(
            path: world.folder.path + "/observations.db", migrations: Migrations.observations, clock: world.clock)
        reader = LineageReader(registry: world.database, observations: observations)
        log = PredictionLogStore(database: observations)
    }

    private func step(_ reference: String, _ direction: LineageGraph.Direction) async throws -> LineageStep {
        try await reader.neighbours(
            of: try await reader.node(try LineageReference(reference)), direction, limit: 10)
    }

    @Test("data set, run, version, copy, endpoint and prediction, each next to the other, both ways")
    func chain() async throws {
        let data = try await store.add(DatasetStoreTests.draft("plants"), by: world.ada).version.id
        let version = try await world.version(of: "wear")
        let run = try #require(version.runID)
        try await world.runs.log(
            run, metrics: [], params: [(key: "depth", value: "3")],
            tags: [
                (key: VersionTag.sourceCommit, value: "c0ffee"),
                (key: VersionTag.featureEngineeringCommit, value: "fe"),
            ])
        try await world.runs.logInputs(
            run,
            datasets: [
                DatasetInput(
                    name: "plants", digest: data.runDigest, sourceType: "local", source: "{}", schema: nil,
                    profile: nil,
                    tags: ["mlflow.data.context": "training"]),
                DatasetInput(
                    name: "else@where", digest: "87654321", sourceType: "http", source: "{}", schema: nil, profile: nil,
                    tags: [:]),
            ], models: [])
        _ = try await world.registry.create(name: "copy", description: nil, tags: [:], by: world.ada)
        _ = try await world.registry.createVersion(world.draft("copy", "models:/wear/1"), by: world.ada)
        try await rollOut("wear")
        let dataset = "dataset:plants@\(data.digest)"

        let used = try await step(dataset, .downstream)
        #expect(used.nodes.map(\.id) == ["run:\(run)"] && used.edges.map(\.label) == ["training"])
        #expect(used.nodes[0].facts["training code"] == "c0ffee")
        #expect(used.nodes[0].facts["feature-engineering code"] == "fe" && used.nodes[0].facts["param depth"] == "3")
        let inputs = try await step("run:\(run)", .upstream)
        #expect(inputs.nodes.map(\.id) == ["dataset:else@where@87654321", dataset])
        #expect(inputs.nodes.map(\.dataset?.number) == [nil, 1])
        let elsewhere = try await step("dataset:else@where@87654321", .downstream)
        #expect(elsewhere.nodes.map(\.id) == ["run:\(run)"])
        #expect(try await step("run:\(run)", .downstream).nodes.map(\.id) == ["model:wear/1"])
        #expect(try await step("model:wear/1", .upstream).edges.map(\.label) == ["made"])
        #expect(try await step("model:copy/1", .upstream).nodes.map(\.id) == ["model:wear/1"])
        let uses = try await step("model:wear/1", .downstream)
        #expect(uses.nodes.map(\.id) == ["model:copy/1", "endpoint:wear"])
        #expect(uses.edges.map(\.label) == ["copied", "champion 100 %"])
        #expect(try await step("endpoint:wear", .upstream).nodes.map(\.id) == ["model:wear/1"])
        #expect(try await step("endpoint:wear", .downstream).nodes.isEmpty)
        try await log.append(
            PredictionRecord(
                id: PredictionID(rawValue: "p1"), time: world.clock.now(), endpoint: "wear", version: 1, input: [],
                output: [], runtime: "r"))
        #expect(try await step("endpoint:wear", .downstream).nodes.map(\.id) == ["prediction:p1"])
    }

    private func rollOut(_ model: String) async throws {
        let now = world.clock.now()
        _ = try await RolloutStore(database: world.database, clock: world.clock).start(
            RolloutDraft(
                candidate: ModelVersionID(model: model, version: 1), plan: RolloutPlan(), guardrails: Guardrails(),
                policyVersion: 1, championAlias: "champion"), by: world.ada
        ) { rollout in
            var next = rollout
            next.state = .promoted
            next.updatedAt = now
            return RolloutTransition(
                rollout: next,
                actions: [.setVariants([Variant(version: 1, role: .champion, weightBasisPoints: 10_000)])])
        }
    }

    @Test("more neighbours than asked for are said to be more")
    func bounded() async throws {
        let data = try await store.add(DatasetStoreTests.draft("plants"), by: world.ada).version.id
        for _ in 0..<12 {
            let run = try await world.run()
            try await world.runs.logInputs(
                run.id,
                datasets: [
                    DatasetInput(
                        name: "plants", digest: data.runDigest, sourceType: "local", source: "{}", schema: nil,
                        profile: nil, tags: [:])
                ], models: [])
        }
        let found = try await step("dataset:plants", .downstream)
        #expect(found.nodes.count == 10 && found.cut?.contains("more than 10 runs") == true)
    }

    @Test(
        "what is not there is not found",
        arguments: ["dataset:none@12345678", "dataset:none", "run:none", "model:none/1", "endpoint:none"])
    func missing(_ reference: String) async throws {
        #expect(await world.refusal { _ = try await reader.node(try LineageReference(reference)) } == .notFound)
    }
}
