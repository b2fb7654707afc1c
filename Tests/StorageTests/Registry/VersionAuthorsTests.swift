import Domain
import Storage
import Testing

@Suite("Who made a version", .everyEngine, .namingEngine)
struct VersionAuthorsTests {
    let world: TrackingWorld

    init() throws { world = try TrackingWorld() }

    @Test("a run's version has the authors of registration, run and files, and never a client's word")
    func ofRun() async throws {
        let run = try await world.run(by: world.ada)
        try await world.put(world.root(run) + "/model/MLmodel", "m", by: world.ada)
        try await world.put(world.root(run) + "/model/weights", "w", by: world.cas)
        _ = try await world.registry.create(name: "pump", description: nil, tags: [:], by: world.dee)
        let version = try await world.registry.createVersion(
            world.draft("pump", "runs:/\(run.id)/model"), by: world.ben)
        let record = try await world.reader.versionRecord(version.id)
        #expect(record.createdBy == world.ben.id)
        #expect(record.authors == [world.ada.id, world.ben.id, world.cas.id])
        #expect(try await world.reader.versionRecords(model: "pump").map(\.authors) == [record.authors])
    }

    @Test(
        "a logged model's version has the authors of model and run; a copy of it has them too, when the first is gone")
    func ofLoggedModelAndCopy() async throws {
        let run = try await world.run(by: world.ada)
        let model = try await world.loggedModels.create(
            experimentID: "0", name: "m", modelType: "", sourceRunID: run.id, params: [:], tags: [:], by: world.cas)
        let root = String(model.artifactURI.dropFirst("mlflow-artifacts:/".count))
        try await world.put(root + "/MLmodel", "m", by: world.cas)
        for name in ["pump", "copy"] {
            _ = try await world.registry.create(name: name, description: nil, tags: [:], by: world.ada)
        }
        let first = try await world.registry.createVersion(world.draft("pump", "models:/\(model.id)"), by: world.ben)
        let copy = try await world.registry.createVersion(world.draft("copy", "models:/pump/1"), by: world.dee)
        try await world.registry.deleteVersion(first.id, by: world.ben)
        let record = try await world.reader.versionRecord(copy.id)
        #expect(record.authors == [world.ada.id, world.ben.id, world.cas.id, world.dee.id])
        #expect(record.runID == run.id && record.loggedModelID == model.id)
    }

    @Test("a path names its run even where the client does not")
    func ofPath() async throws {
        let run = try await world.run(by: world.ada)
        try await world.put(world.root(run) + "/model/MLmodel", "m", by: world.ben)
        _ = try await world.registry.create(name: "pump", description: nil, tags: [:], by: world.ben)
        let version = try await world.registry.createVersion(
            world.draft("pump", run.artifactURI + "/model"), by: world.ben)
        #expect(version.runID == run.id)
        #expect(try await world.reader.versionRecord(version.id).authors == [world.ada.id, world.ben.id])
    }
}
