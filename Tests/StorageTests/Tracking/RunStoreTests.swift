import Domain
import Storage
import Testing

@Suite("Runs", .everyEngine, .namingEngine)
struct RunStoreTests {
    let world: TrackingWorld
    var runs: RunStore { world.runs }

    init() throws { world = try TrackingWorld() }

    private func point(_ key: String, _ value: Double, time: Int64 = 1, step: Int64 = 0) -> MetricPoint {
        MetricPoint(key: key, value: value, timestamp: Timestamp(milliseconds: time), step: step)
    }

    @Test("a run is as it was made; its author is who the server knows, its user what the client says")
    func create() async throws {
        let run = try await runs.create(
            experimentID: "0", userID: "root", name: nil, startedAt: nil, tags: ["note": TrackingWorld.hostile],
            by: world.ada)
        #expect(run.name.hasPrefix("run-") && run.status == .running && !run.isDeleted)
        #expect(run.artifactURI == "mlflow-artifacts:/0/\(run.id)/artifacts")
        #expect(run.tags == ["note": TrackingWorld.hostile, "mlflow.runName": run.name])
        let record = try await world.reader.runRecord(run.id)
        #expect(record.createdBy == world.ada.id && record.createdByName == "ada" && run.userID == "root")
        #expect(await world.refusal { _ = try await world.run(experiment: "77") } == .notFound)
        #expect(await world.refusal { _ = try await world.run(experiment: "x") } == .notFound)
        #expect(await world.refusal { _ = try await world.run(String(repeating: "n", count: 251)) } == .invalidArgument)
    }

    @Test("a batch is stored whole or not at all")
    func batchIsAtomic() async throws {
        let run = try await world.run()
        try await runs.log(run.id, metrics: [], params: [("lr", "0.1")], tags: [])
        let batches: [([MetricPoint], [(key: String, value: String)], [(key: String, value: String)])] = [
            ([point("m", 1)], [("new", "1"), ("lr", "0.2")], [("t", "1")]),
            ([point("m", 1), point("../m", 1)], [("new", "1")], [("t", "1")]),
            ([point("m", 1)], [("new", String(repeating: "v", count: 6_001))], [("t", "1")]),
            ([point("m", 1)], [("new", "1")], [(String(repeating: "k", count: 251), "1")]),
        ]
        for (metrics, params, tags) in batches {
            #expect(
                await world.refusal { try await runs.log(run.id, metrics: metrics, params: params, tags: tags) }
                    == .invalidArgument)
        }
        let after = try await runs.run(run.id)
        #expect(after.metrics.isEmpty && after.params == ["lr": "0.1"] && after.tags["t"] == nil)
    }

    @Test(
        "what is logged twice is there once; a param's value stays; a tag's is the last; the latest metric wins by step"
    )
    func idempotence() async throws {
        let run = try await world.run()
        for _ in 1...2 {
            try await runs.log(
                run.id, metrics: [point("m", 5, time: 9, step: 2), point("m", 7, time: 99, step: 1)],
                params: [("lr", "0.1")], tags: [("t", "a")])
        }
        try await runs.log(run.id, metrics: [point("m", .nan, step: -1)], params: [], tags: [("t", "b")])
        let after = try await runs.run(run.id)
        #expect(after.metrics.map(\.value) == [5] && after.params == ["lr": "0.1"] && after.tags["t"] == "b")
        let history = try await runs.history(run.id, key: "m", limit: 2, offset: 0)
        #expect(history.nextOffset == 2 && history.items[0].value.isNaN && history.items[1].value == 5)
        #expect(try await runs.history(run.id, key: "m", limit: 2, offset: 2).items.map(\.value) == [7])
        try await runs.log(
            run.id, metrics: [point("inf", .infinity), point("low", -.infinity)], params: [], tags: [])
        let extremes = try await runs.run(run.id).metrics.filter { $0.key != "m" }.map(\.value)
        #expect(extremes == [.greatestFiniteMagnitude, -.greatestFiniteMagnitude])
    }

    @Test("keys that only Unicode normalization tells apart do not bring the server down")
    func normalization() async throws {
        let run = try await world.run()
        let pairs: [(key: String, value: String)] = [("\u{212B}", "1"), ("\u{C5}", "2")]
        try await runs.log(run.id, metrics: [], params: pairs, tags: pairs)
        #expect(try await runs.run(run.id).params.count == 1)
        try await world.experiments.setTag(id: "0", key: "\u{212B}", value: "1")
        try await world.experiments.setTag(id: "0", key: "\u{C5}", value: "2")
        #expect(try await world.experiments.experiment(id: "0").tags.count == 1)
    }

    @Test("a deleted run is read, takes nothing and comes back; an active one cannot be restored")
    func deleteAndRestore() async throws {
        let run = try await world.run()
        #expect(
            await world.refusal { try await runs.setDeleted(false, id: run.id, by: world.ada) } == .invalidArgument)
        try await runs.setDeleted(true, id: run.id, by: world.ada)
        #expect(try await runs.run(run.id).isDeleted)
        for call in [
            { try await runs.log(run.id, metrics: [], params: [], tags: [("a", "b")]) },
            { try await runs.deleteTag(run.id, key: "mlflow.runName") },
            { _ = try await runs.update(run.id, status: .finished, endedAt: nil, name: nil) },
            { try await runs.logInputs(run.id, datasets: [], models: []) },
        ] { #expect(await world.refusal(call) == .invalidArgument) }
        try await runs.setDeleted(false, id: run.id, by: world.ada)
        #expect(try await !runs.run(run.id).isDeleted)
    }

    @Test("a run does not come back before its experiment, and comes back with it only if it went with it")
    func insideDeletedExperiment() async throws {
        let id = try await world.experiments.create(name: "e", artifactLocation: nil, tags: [:], by: world.ada)
        let gone = try await world.run(experiment: id)
        let with = try await world.run(experiment: id)
        try await runs.setDeleted(true, id: gone.id, by: world.ada)
        try await world.experiments.setDeleted(true, id: id, by: world.ada)
        for run in [gone, with] {
            #expect(
                await world.refusal { try await runs.setDeleted(false, id: run.id, by: world.ada) } == .invalidArgument)
            #expect(try await runs.run(run.id).isDeleted)
        }
        try await world.experiments.setDeleted(false, id: id, by: world.ada)
        #expect(try await !runs.run(with.id).isDeleted)
        #expect(try await runs.run(gone.id).isDeleted)
        try await runs.setDeleted(false, id: gone.id, by: world.ada)
        #expect(try await !runs.run(gone.id).isDeleted)
    }

    @Test("data sets keep MLflow's limits; the same one twice is one")
    func datasets() async throws {
        let run = try await world.run()
        func set(_ digest: String, tags: [String: String] = [:]) -> DatasetInput {
            DatasetInput(
                name: "plants", digest: digest, sourceType: "local", source: TrackingWorld.hostile, schema: nil,
                profile: nil, tags: tags)
        }
        for bad in [
            set(String(repeating: "d", count: 37)), set("d", tags: ["k": String(repeating: "v", count: 501)]),
        ] {
            #expect(
                await world.refusal { try await runs.logInputs(run.id, datasets: [bad], models: []) }
                    == .invalidArgument)
        }
        let good = set("d1", tags: ["mlflow.data.context": "training"])
        try await runs.logInputs(run.id, datasets: [good, good], models: ["m-1"])
        let after = try await runs.run(run.id)
        #expect(after.datasets == [good] && after.modelInputs == ["m-1"])
        #expect(try await world.reader.runRecord(run.id).datasets.map(\.context) == ["training"])
    }
}
