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
        for params in [["../x": "1"], ["k": long], [String(repeating: "k", count: 251): "1"], ["a\"b": "1"]] {
            #expect(await world.refusal { _ = try await create(params: params) } == .invalidArgument)
        }
        #expect(await world.refusal { _ = try await create(tags: ["a//b": "1"]) } == .invalidArgument)
        let many = Dictionary(uniqueKeysWithValues: (0...100).map { ("k\($0)", "v") })
        #expect(await world.refusal { _ = try await create(params: many) } == .invalidArgument)
        let model = try await create(params: ["k": "1"])
        #expect(
            await world.refusal { try await models.logParams(model.id, ["a": "1", "k": "2"]) } == .invalidArgument)
        #expect(await world.refusal { try await models.logParams(model.id, ["a": long]) } == .invalidArgument)
        #expect(await world.refusal { _ = try await models.setTags(model.id, ["../a": "1"]) } == .invalidArgument)
        #expect(try await models.model(model.id).params == ["k": "1"])
        let cut = try await models.setTags(model.id, ["t": String(repeating: "v", count: 8_001)])
        #expect(cut.tags["t"]?.count == 8_000)
        #expect(
            try await models.search(experimentIDs: ["0"], filter: SearchFilter(), order: [], limit: 9, offset: 0).items
                .count == 1)
    }

    @Test("a name with a path's or a quote's characters is refused; none at all is made up; its run must exist")
    func names() async throws {
        for name in ["a/b", "a:b", "a.b", "a%b", "a\"b", "a'b"] {
            #expect(await world.refusal { _ = try await create(name) } == .invalidArgument, "\(name)")
        }
        #expect(try await create(nil).name.hasPrefix("model-"))
        #expect(await world.refusal { _ = try await create(run: String(repeating: "0", count: 32)) } == .notFound)
    }
}
