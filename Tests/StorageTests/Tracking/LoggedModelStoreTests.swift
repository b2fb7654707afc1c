import Domain
import Storage
import Testing

@Suite("Logged models", .everyEngine, .namingEngine)
struct LoggedModelStoreTests {
    let world: TrackingWorld
    var models: LoggedModelStore { world.loggedModels }

    init() throws { world = try TrackingWorld() }

    private func create(
        _ name: String? = "m", run: String = "", params: [String: String] = [:], tags: [String: String] = [:]
    ) async throws -> LoggedModel {
        try await models.create(
            experimentID: "0", name: name, modelType: "t", sourceRunID: run, params: params, tags: tags, by: world.ada)
    }

    @Test("one goes from pending to ready, keeps its params, changes its tags, and is gone when deleted")
    func lifeCycle() async throws {
        let run = try await world.run()
        let model = try await create(run: run.id, params: ["trees": "20"], tags: ["note": TrackingWorld.hostile])
        #expect(model.id.hasPrefix("m-") && model.id.count == 34 && model.status == .pending)
        #expect(model.params == ["trees": "20"] && model.tags == ["note": TrackingWorld.hostile])
        #expect(try await models.finalize(model.id, status: .ready).status == .ready)
        try await models.logParams(model.id, ["trees": "20", "depth": "3"])
        #expect(try await models.setTags(model.id, ["note": "b"]).tags == ["note": "b"])
        try await models.deleteTag(model.id, key: "note")
        #expect(await world.refusal { try await models.deleteTag(model.id, key: "note") } == .notFound)
        try await models.delete(model.id, by: world.ada)
        #expect(await world.refusal { _ = try await models.model(model.id) } == .notFound)
        #expect(await world.refusal { try await models.deleteTag(model.id, key: "x") } == .notFound)
    }

    @Test("params and tags are held to a run's rules, as a whole")
    func rules() async throws {
        let long = String(repeating: "v", count: 6_001)
        for params in [["../x": "1"], [String(repeating: "k", count: 251): "1"], ["a\"b": "1"]] {
            #expect(await world.refusal { _ = try await create(params: params) } == .invalidArgument)
        }
        #expect(await world.refusal { _ = try await create(tags: ["a//b": "1"]) } == .invalidArgument)
        let many = Dictionary(uniqueKeysWithValues: (0...100).map { ("k\($0)", "v") })
        #expect(await world.refusal { _ = try await create(params: many) } == .invalidArgument)
        let model = try await create(params: ["k": "1"])
        #expect(
            await world.refusal { try await models.logParams(model.id, ["a": "1", "k": "2"]) } == .invalidArgument)
        #expect(await world.refusal { _ = try await models.setTags(model.id, ["../a": "1"]) } == .invalidArgument)
        #expect(try await models.model(model.id).params == ["k": "1"])
        let cut = try await models.setTags(model.id, ["t": String(repeating: "v", count: 8_001)])
        #expect(cut.tags["t"]?.count == 8_000)
        try await models.logParams(model.id, ["long": long])
        #expect(try await models.model(model.id).params["long"]?.count == 6_000)
        #expect(
            try await models.search(experimentIDs: ["0"], filter: SearchFilter(), order: [], limit: 9, offset: 0).items
                .count == 1)
    }

    @Test("a name with a path's or a quote's characters is refused; none at all is made up; its run need not exist")
    func names() async throws {
        for name in ["a/b", "a:b", "a.b", "a%b", "a\"b", "a'b"] {
            #expect(await world.refusal { _ = try await create(name) } == .invalidArgument, "\(name)")
        }
        #expect(try await create(nil).name.split(separator: "-").count == 3)
        #expect(try await create(run: "123").sourceRunID == "123")
    }

    private func log(
        _ run: Run, _ model: LoggedModel, _ value: Double, time: Int64 = 1, dataset: String? = nil,
        digest: String? = nil
    ) async throws {
        let point = MetricPoint(
            key: "auc", value: value, timestamp: Timestamp(milliseconds: time), step: 0, datasetName: dataset,
            datasetDigest: digest, modelID: model.id)
        try await world.runs.log(run.id, metrics: [point], params: [], tags: [])
    }

    private func found(
        _ comparisons: [SearchFilter.Comparison] = [], datasets: [DatasetReference] = [], order: [SearchOrder] = []
    ) async throws -> [String] {
        try await models.search(
            experimentIDs: ["0"], filter: SearchFilter(comparisons), datasets: datasets, order: order, limit: 9,
            offset: 0
        ).items.map(\.name)
    }

    @Test("one value that a run logs for two models on two data sets is one point of the run and two of the models")
    func metrics() async throws {
        let (run, a, b) = (try await world.run(), try await create("a"), try await create("b"))
        for model in [a, b] {
            for digest in ["1", "2", "2"] { try await log(run, model, 0.5, dataset: "d", digest: digest) }
        }
        #expect(try await world.runs.history(run.id, key: "auc", limit: 9, offset: 0).items.count == 1)
        let metrics = try await models.model(a.id).metrics
        #expect(metrics.map(\.runID) == [run.id, run.id])
        #expect(metrics.map(\.point.datasetDigest) == ["1", "2"] && metrics.allSatisfy { $0.point.modelID == a.id })
    }

    @Test("data sets narrow comparisons with metrics and the order; without one, any metric on them will do")
    func searchByDataset() async throws {
        let run = try await world.run()
        let (low, high, none) = (try await create("low"), try await create("high"), try await create("none"))
        try await log(run, low, 0.9, dataset: "train", digest: "t")
        try await log(run, low, 0.1, time: 2, dataset: "test", digest: "u")
        try await log(run, high, 0.8, dataset: "test", digest: "u")
        try await log(run, none, .nan)
        let above = SearchFilter.Comparison(entity: .metric, key: "auc", operation: .greater, value: .number(0.5))
        let test = DatasetReference(name: "test", digest: nil)
        #expect(try await Set(found([above])) == ["low", "high"])
        #expect(try await found([above], datasets: [test]) == ["high"])
        #expect(try await Set(found(datasets: [test])) == ["low", "high"])
        #expect(
            try await found(datasets: [DatasetReference(name: "train", digest: "t"), .init(name: "x", digest: nil)])
                == ["low"])
        #expect(try await found(datasets: [DatasetReference(name: "train", digest: "u")]).isEmpty)
        #expect(try await found(datasets: [DatasetReference(name: nil, digest: "t")]) == ["low"])
        let key = { SearchOrder(entity: .metric, key: "auc", ascending: $0, dataset: $1) }
        // The newest value counts; a NaN comes after the numbers, and what has none after that.
        #expect(try await found(order: [key(true, nil)]) == ["low", "high", "none"])
        #expect(try await found(order: [key(false, nil)]) == ["high", "low", "none"])
        #expect(try await found(order: [key(false, DatasetReference(name: "train", digest: nil))]).first == "low")
    }

    @Test("a deleted one is found only by who asks for it")
    func deleted() async throws {
        let model = try await create()
        try await models.delete(model.id, by: world.ada)
        #expect(try await models.model(model.id, isDeletedToo: true).id == model.id)
        #expect(await world.refusal { _ = try await models.model(model.id) } == .notFound)
    }
}
