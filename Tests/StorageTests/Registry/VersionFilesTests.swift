import Domain
import Storage
import Testing

@Suite("A version's files are those that were registered")
struct VersionFilesTests {
    let world: TrackingWorld

    init() throws { world = try TrackingWorld() }

    @Test("they are listed and read by their digests when the run's are overwritten, added to and deleted")
    func byDigest() async throws {
        let run = try await world.run()
        let root = world.root(run) + "/model"
        try await world.put(root + "/MLmodel", "the first")
        try await world.put(root + "/data/weights", "w1")
        _ = try await world.registry.create(name: "pump", description: nil, tags: [:], by: world.ada)
        let version = try await world.registry.createVersion(
            world.draft("pump", "runs:/\(run.id)/model"), by: world.ada)
        let place = VersionPath(version.id).text
        #expect(place == "versions/pump/1")

        try await world.put(root + "/MLmodel", "another")
        try await world.put(root + "/data/more", "x")
        #expect(try await world.text(place + "/MLmodel") == "the first")
        #expect(try await world.artifacts.list(place + "/data").map(\.path) == ["weights"])
        try await world.artifacts.delete(root, by: world.ada)
        #expect(try await world.artifacts.list(root).isEmpty)
        #expect(try await world.text(place + "/data/weights") == "w1")
        let entries = try await world.artifacts.list(place)
        #expect(entries.map(\.path) == ["MLmodel", "data"] && entries.map(\.isDirectory) == [false, true])
        #expect(entries[0].bytes == 9)
        #expect(try await world.artifacts.list(place + "/MLmodel").isEmpty)
        for missing in [place + "/data", place + "/nothing", "versions/pump/2/MLmodel", "versions/none/1/MLmodel"] {
            #expect(await world.refusal { _ = try await world.artifacts.blob(missing) } == .notFound)
        }
    }

    @Test("nobody writes or deletes there")
    func readOnly() async throws {
        try await world.version(of: "pump", file: "kept")
        for path in ["versions/pump/1/MLmodel", "versions/pump/1/new", "versions/pump/1", "versions/pump", "versions"] {
            #expect(await world.refusal { try await world.put(path, "x") } == .permissionDenied, "\(path)")
            #expect(
                await world.refusal { try await world.artifacts.delete(path, by: world.ada) } == .permissionDenied,
                "\(path)")
        }
        #expect(try await world.text("versions/pump/1/MLmodel") == "kept")
    }

    @Test(
        "every name that a model can have makes a path that leads back to it",
        arguments: ["pump", "my model", "50%", "a#b?c&d", "%20", "~7e", "é", "\u{1F469}", "v1.2_x-3"])
    func names(_ name: String) async throws {
        try await world.version(of: name, file: "of \(name)")
        let place = VersionPath(ModelVersionID(model: name, version: 1)).text
        // Neither escaped once nor twice nor not at all does it change.
        #expect(place.utf8.allSatisfy { $0 != UInt8(ascii: "%") && $0 != UInt8(ascii: "#") && $0 > 32 && $0 < 127 })
        #expect(try await world.text(place + "/MLmodel") == "of \(name)")
    }

    @Test("a version can be copied by its own address, with its files as they were")
    func copyByAddress() async throws {
        let first = try await world.version(of: "pump", file: "one")
        _ = try await world.registry.create(name: "copy", description: nil, tags: [:], by: world.ada)
        let copy = try await world.registry.createVersion(
            world.draft("copy", "mlflow-artifacts:/" + VersionPath(first.id).text), by: world.ada)
        #expect(copy.runID == first.runID)
        #expect(try await world.text("versions/copy/1/MLmodel") == "one")
    }
}
