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
        #expect(run.name.split(separator: "-").count == 3 && run.status == .running && !run.isDeleted)
        #expect(run.artifactURI == "mlflow-artifacts:/0/\(run.id)/artifacts")
        #expect(run.tags == ["note": TrackingWorld.hostile, "mlflow.runName": run.name])
        let record = try await world.reader.runRecord(run.id)
        #expect(record.createdBy == world.ada.id && record.createdByName == "ada" && run.userID == "root")
        #expect(await world.refusal { _ = try await world.run(experiment: "77") } == .notFound)
        #expect(await world.refusal { _ = try await world.run(experiment: "x") } == .invalidArgument)
        #expect(await world.refusal { _ = try await world.run(String(repeating: "n", count: 251)) } == .invalidArgument)
    }

    @Test("a batch is stored whole or not at all")
    func batchIsAtomic() async throws {
        let run = try await world.run()
        try await runs.log(run.id, metrics: [], params: [("lr", "0.1")], tags: [])
        let batches: [([MetricPoint], [(key: String, value: String)], [(key: String, value: String)])] = [
            ([point("m", 1)], [("new", "1"), ("lr", "0.2")], [("t", "1")]),
            ([point("m", 1), point("../m", 1)], [("new", "1")], [("t", "1")]),
            ([point("m", 1)], [("new", "1"), ("new", "1")], [("t", "1")]),
            ([point("m", 1, time: -1)], [("new", "1")], [("t", "1")]),
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

    @Test("a deleted run is read, takes nothing and comes back; restoring an active one changes nothing")
    func deleteAndRestore() async throws {
        let run = try await world.run()
        try await runs.setDeleted(false, id: run.id, by: world.ada)
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

    @Test("a run has one name, and its tag says the same")
    func names() async throws {
        func create(_ name: String?, _ tag: String) async throws -> String {
            try await runs.create(
                experimentID: "0", userID: "", name: name, startedAt: nil, tags: ["mlflow.runName": tag], by: world.ada
            ).name
        }
        #expect(try await create(nil, "tagged") == "tagged")
        #expect(try await create("same", "same") == "same")
        #expect(await world.refusal { _ = try await create("one", "other") } == .invalidArgument)
        let run = try await world.run("kept")
        #expect(try await runs.update(run.id, status: .finished, endedAt: nil, name: "").name == "kept")
    }

    @Test("keys, values and places are refused in MLflow's words; a long param value is cut")
    func words() async throws {
        let run = try await world.run()
        func message(_ call: () async throws -> Void) async -> String {
            do { try await call() } catch { return (error as? MartletError)?.message ?? "\(error)" }
            return ""
        }
        #expect(
            await message {
                try await runs.log(run.id, metrics: [point("m", 1), point("a!", 1)], params: [], tags: [])
            }
            .hasPrefix("Invalid value \"a!\" for parameter 'metrics[1].name' supplied: Names may only contain"))
        #expect(
            await message { try await runs.log(run.id, metrics: [], params: [("a//b", "1")], tags: [], isBatch: false) }
                .hasSuffix("This name would resolve to 'a/b'"))
        #expect(
            await message {
                try await runs.log(
                    run.id, metrics: [point(String(repeating: "k", count: 251), 1)], params: [], tags: [])
            } == "'Metric name' exceeds the maximum length of 250 characters")
        try await runs.log(
            run.id, metrics: [], params: [("long", String(repeating: "\u{1F469}", count: 6_001))], tags: [])
        #expect(try await runs.run(run.id).params["long"]?.unicodeScalars.count == 6_000)
    }

    @Test("one metric of many runs comes by run and time; a sample keeps the first and the last of each")
    func histories() async throws {
        var ids: [String] = []
        for index in 0..<2 {
            let run = try await world.run()
            ids.append(run.id)
            let points = (0..<100).map { point("m", Double($0 * 10 + index), time: Int64($0), step: Int64($0)) }
            try await runs.log(run.id, metrics: points, params: [], tags: [])
        }
        let all = try await runs.histories(ids + ["none"], key: "m", limit: 1_000)
        #expect(all.count == 200 && all.map(\.runID) == all.map(\.runID).sorted())
        #expect(try await runs.histories(ids, key: "m", limit: 150).count == 150)
        #expect(try await runs.histories([], key: "m", limit: 9).isEmpty)
        let samples = try await runs.samples(ids, key: "m", steps: nil, limit: 10)
        #expect(samples.count == 20)
        for id in ids {
            let steps = samples.filter { $0.runID == id }.map(\.point.step)
            #expect(steps.first == 0 && steps.last == 99 && steps == steps.sorted())
        }
        #expect(try await runs.samples([ids[0]], key: "m", steps: 5...7, limit: 10).map(\.point.step) == [5, 6, 7])
        #expect(try await runs.samples([ids[0]], key: "m", steps: nil, limit: 1).map(\.point.step) == [99])
        #expect(try await runs.samples([ids[0]], key: "absent", steps: nil, limit: 5).isEmpty)
        #expect(
            await world.refusal { _ = try await runs.samples(["none"], key: "m", steps: nil, limit: 5) } == .notFound)
    }

    @Test("the data sets of an experiment's runs are told once for each use")
    func datasetSummaries() async throws {
        let set = { (digest: String, context: String?) in
            DatasetInput(
                name: "plants", digest: digest, sourceType: "local", source: "{}", schema: nil, profile: nil,
                tags: context.map { ["mlflow.data.context": $0] } ?? [:])
        }
        for _ in 1...2 {
            let run = try await world.run()
            try await runs.logInputs(run.id, datasets: [set("1", "training"), set("2", nil)], models: [])
        }
        let summaries = try await runs.datasets(experimentIDs: ["0", "x"])
        #expect(summaries.map(\.digest) == ["1", "2"] && summaries.map(\.context) == ["training", nil])
        #expect(try await runs.datasets(experimentIDs: ["1"]).isEmpty)
    }
}
