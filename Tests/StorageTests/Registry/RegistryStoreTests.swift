import Domain
import Storage
import TestSupport
import Testing

@Suite("Registered models and versions")
struct RegistryStoreTests {
    let world: TrackingWorld
    var registry: RegistryStore { world.registry }

    init() throws { world = try TrackingWorld() }

    @Test("a version's number is never used again: not after the version, nor after the model is deleted")
    func numbersAreNotReused() async throws {
        for expected in 1...3 { #expect(try await world.version(of: "pump").id.version == expected) }
        try await registry.deleteVersion(ModelVersionID(model: "pump", version: 3), by: world.ada)
        #expect(try await world.version(of: "pump").id.version == 4)
        try await registry.delete("pump", by: world.ada)
        #expect(await world.refusal { _ = try await registry.model("pump") } == .notFound)
        #expect(try await world.version(of: "pump").id.version == 5)
    }

    @Test("a name that only looks like another is refused")
    func composedNames() async throws {
        try await world.version(of: "caf\u{E9}")
        let decomposed = await world.refusal {
            _ = try await registry.create(name: "cafe\u{301}", description: nil, tags: [:], by: world.ada)
        }
        #expect(decomposed == .invalidArgument)
        #expect(
            await world.refusal { _ = try await registry.rename("caf\u{E9}", to: "re\u{301}s", by: world.ada) }
                == .invalidArgument)
    }

    @Test("a rename takes the versions along; the old name goes on counting, and a used name takes no other model")
    func renames() async throws {
        for _ in 1...2 { try await world.version(of: "pump") }
        let renamed = try await registry.rename("pump", to: "valve", by: world.ada)
        #expect(renamed.name == "valve" && renamed.latestVersions.map(\.id.version) == [2])
        #expect(try await world.version(of: "valve").id.version == 3)
        #expect(try await world.version(of: "pump").id.version == 3)
        #expect(
            await world.refusal { _ = try await registry.rename("valve", to: "pump", by: world.ada) } == .alreadyExists)
        try await registry.delete("pump", by: world.ada)
        #expect(
            await world.refusal { _ = try await registry.rename("valve", to: "pump", by: world.ada) }
                == .invalidArgument)
        #expect(try await registry.version(ModelVersionID(model: "valve", version: 1)).id.version == 1)
        _ = try await registry.create(name: "empty", description: nil, tags: [:], by: world.ada)
        #expect(try await registry.rename("empty", to: "still-empty", by: world.ada).name == "still-empty")
        #expect(try await registry.rename("still-empty", to: "empty", by: world.ada).name == "empty")
    }

    @Test("names, aliases and tags that break MLflow's rules are refused; what keeps them is stored as it was sent")
    func rules() async throws {
        for name in ["", " ", "..", "a/b", "a:b", String(repeating: "x", count: 257)] {
            #expect(
                await world.refusal {
                    _ = try await registry.create(name: name, description: nil, tags: [:], by: world.ada)
                }
                    == .invalidArgument, "\(name)")
        }
        let tags = ["note": TrackingWorld.hostile]
        let model = try await registry.create(
            name: "'; DROP TABLE registered_models;--", description: TrackingWorld.hostile, tags: tags, by: world.ada)
        #expect(model.description == TrackingWorld.hostile && model.tags == tags)
        #expect(
            await world.refusal {
                _ = try await registry.create(name: model.name, description: nil, tags: [:], by: world.ada)
            }
                == .alreadyExists)
        #expect(
            await world.refusal {
                _ = try await registry.create(name: "b", description: nil, tags: ["../x": "1"], by: world.ada)
            } == .invalidArgument)
        #expect(
            await world.refusal {
                try await registry.setTag(
                    model.name, key: "k", value: String(repeating: "v", count: 100_001), by: world.ada)
            } == .invalidArgument)
        try await world.version(of: model.name)
        for alias in ["latest", "Latest", "v1", "V12", "", "a b", "a/b", String(repeating: "a", count: 256)] {
            #expect(
                await world.refusal { try await registry.setAlias(model.name, alias: alias, version: 1, by: world.ada) }
                    == .invalidArgument, "\(alias)")
        }
        #expect(
            await world.refusal { try await registry.setAlias(model.name, alias: "next", version: 9, by: world.ada) }
                == .notFound)
        #expect(try await registry.model(model.name).aliases.isEmpty)
    }

    @Test("an alias is set, moved, read, and goes with its version; unset ones are refused as MLflow does")
    func aliases() async throws {
        for _ in 1...2 { try await world.version(of: "pump") }
        try await registry.setAlias("pump", alias: "next", version: 1, by: world.ada)
        try await registry.setAlias("pump", alias: "next", version: 2, by: world.ada)
        try await registry.setAlias("pump", alias: "old", version: 1, by: world.ada)
        #expect(try await registry.version("pump", alias: "next").id.version == 2)
        #expect(try await world.reader.version(model: "pump", alias: "next") == 2)
        #expect(try await registry.version(ModelVersionID(model: "pump", version: 1)).aliases == ["old"])
        try await registry.deleteVersion(ModelVersionID(model: "pump", version: 2), by: world.ada)
        #expect(try await registry.model("pump").aliases == ["old": 1])
        #expect(await world.refusal { _ = try await registry.version("pump", alias: "next") } == .invalidArgument)
        try await registry.deleteAlias("pump", alias: "old", by: world.ada)
        try await registry.deleteAlias("pump", alias: "old", by: world.ada)
        #expect(try await registry.model("pump").aliases.isEmpty)
    }

    @Test("two aliases that only Unicode normalization tells apart do not bring the server down")
    func normalization() async throws {
        try await world.version(of: "pump")
        for alias in ["\u{212B}", "\u{C5}"] {
            try await registry.setAlias("pump", alias: alias, version: 1, by: world.ada)
        }
        #expect(try await registry.model("pump").aliases.count == 1)
    }

    @Test("stages move one or archive the others; the latest of each is told")
    func stages() async throws {
        for _ in 1...2 { try await world.version(of: "pump") }
        let ids = (1...2).map { ModelVersionID(model: "pump", version: $0) }
        _ = try await registry.transition(ids[0], to: .production, archiveOthers: false, by: world.ada)
        _ = try await registry.transition(ids[1], to: .production, archiveOthers: true, by: world.ada)
        #expect(try await registry.version(ids[0]).stage == .archived)
        #expect(
            await world.refusal {
                _ = try await registry.transition(ids[1], to: .none, archiveOthers: true, by: world.ada)
            }
                == .invalidArgument)
        #expect(try await registry.model("pump").latestVersions.map(\.stage) == [.archived, .production])
    }

    @Test("models and versions are found by filter, in order, page by page")
    func search() async throws {
        for name in ["a", "b", "c"] {
            try await world.version(of: name)
            world.clock.advance(seconds: 1)
        }
        try await registry.setTag("b", key: "team", value: "x", by: world.ada)
        let all = try await registry.search(filter: SearchFilter(), order: [], limit: 2, offset: 0)
        #expect(all.items.map(\.name) == ["a", "b"] && all.nextOffset == 2)
        let rest = try await registry.search(filter: SearchFilter(), order: [], limit: 2, offset: 2)
        #expect(rest.items.map(\.name) == ["c"] && rest.nextOffset == nil)
        let tagged = try await registry.search(
            filter: SearchFilter([.init(entity: .tag, key: "team", operation: .equal, value: .string("x"))]), order: [],
            limit: 9, offset: 0)
        #expect(tagged.items.map(\.name) == ["b"])
        let versions = try await registry.searchVersions(
            filter: SearchFilter([.init(entity: .attribute, key: "name", operation: .isIn, value: .list(["a", "c"]))]),
            order: [], limit: 9, offset: 0)
        #expect(versions.items.map(\.id.model) == ["c", "a"])
    }
}
