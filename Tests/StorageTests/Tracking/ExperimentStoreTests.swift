import Domain
import Storage
import Testing

@Suite("Experiments")
struct ExperimentStoreTests {
    let world: TrackingWorld
    var experiments: ExperimentStore { world.experiments }

    init() throws { world = try TrackingWorld() }

    private func create(_ name: String, tags: [String: String] = [:]) async throws -> String {
        try await experiments.create(name: name, artifactLocation: nil, tags: tags, by: world.ada)
    }

    @Test(
        "the default one is there; numbers go up; names are unique, a deleted one's too; text is stored as it was sent")
    func create() async throws {
        #expect(try await experiments.experiment(id: "0").name == "Default")
        let id = try await create(TrackingWorld.hostile, tags: ["note": TrackingWorld.hostile])
        let made = try await experiments.experiment(name: TrackingWorld.hostile)
        #expect(made.id == id && made.tags == ["note": TrackingWorld.hostile])
        #expect(made.artifactLocation == "mlflow-artifacts:/\(id)")
        try await experiments.setDeleted(true, id: id, by: world.ada)
        #expect(await world.refusal { _ = try await create(TrackingWorld.hostile) } == .alreadyExists)
        #expect(await world.refusal { _ = try await create(String(repeating: "n", count: 501)) } == .invalidArgument)
        #expect(await world.refusal { _ = try await create("t", tags: ["a//b": "1"]) } == .invalidArgument)
        #expect(
            await world.refusal { _ = try await create("t", tags: ["a": String(repeating: "v", count: 20_001)]) }
                == .invalidArgument)
        #expect(await world.refusal { _ = try await experiments.experiment(name: "t") } == .notFound)
    }

    @Test("deleting twice, restoring twice and changing a deleted one are refused")
    func lifeCycle() async throws {
        let id = try await create("e")
        try await experiments.setTag(id: id, key: "k", value: "1")
        try await experiments.setTag(id: id, key: "k", value: "2")
        try await experiments.setDeleted(true, id: id, by: world.ada)
        #expect(await world.refusal { try await experiments.setDeleted(true, id: id, by: world.ada) } == .notFound)
        for call in [
            { try await experiments.rename(id: id, to: "f") },
            { try await experiments.setTag(id: id, key: "k", value: "3") },
            { try await experiments.deleteTag(id: id, key: "k") },
        ] { #expect(await world.refusal(call) == .invalidArgument) }
        try await experiments.setDeleted(false, id: id, by: world.ada)
        #expect(
            await world.refusal { try await experiments.setDeleted(false, id: id, by: world.ada) } == .notFound)
        #expect(await world.refusal { try await experiments.rename(id: id, to: "Default") } == .alreadyExists)
        try await experiments.rename(id: id, to: "f")
        let after = try await experiments.experiment(id: id)
        #expect(after.name == "f" && after.tags == ["k": "2"])
        try await experiments.deleteTag(id: id, key: "k")
        #expect(await world.refusal { try await experiments.deleteTag(id: id, key: "k") } == .notFound)
    }

    @Test("they are found by view, filter and page")
    func search() async throws {
        let ids = [try await create("a"), try await create("b"), try await create("c", tags: ["t": "x"])]
        try await experiments.setDeleted(true, id: ids[1], by: world.ada)
        func names(_ comparisons: [SearchFilter.Comparison], _ view: ViewType) async throws -> [String] {
            try await experiments.search(
                filter: SearchFilter(comparisons),
                order: [SearchOrder(entity: .attribute, key: "name", ascending: true)],
                view: view, limit: 9, offset: 0
            ).items.map(\.name)
        }
        #expect(try await names([], .activeOnly) == ["Default", "a", "c"])
        #expect(try await names([], .deletedOnly) == ["b"])
        #expect(try await names([], .all).count == 4)
        #expect(
            try await names([.init(entity: .tag, key: "t", operation: .equal, value: .string("x"))], .all) == ["c"])
        let like = SearchFilter.Comparison(
            entity: .attribute, key: "experiment_id", operation: .like, value: .string("\(ids[2].prefix(1))%"))
        #expect(try await names([like], .all).contains("c"))
        let one = SearchFilter.Comparison(
            entity: .attribute, key: "experiment_id", operation: .isIn, value: .list([ids[0], "x"]))
        #expect(try await names([one], .all) == ["a"])
        let page = try await experiments.search(filter: SearchFilter(), order: [], view: .all, limit: 3, offset: 0)
        #expect(page.nextOffset == 3)
    }
}
