import Domain
import Storage
import Testing

@Suite("What can be registered")
struct VersionSourceTests {
    let world: TrackingWorld

    init() async throws {
        world = try TrackingWorld()
        _ = try await world.registry.create(name: "pump", description: nil, tags: [:], by: world.ada)
    }

    private func refusal(_ source: String, run: String? = nil, model: String? = nil) async -> MartletError.Code? {
        await world.refusal {
            _ = try await world.registry.createVersion(
                world.draft("pump", source, run: run, model: model), by: world.ada)
        }
    }

    @Test("a source that cannot be followed or lies outside its owner is refused and uses up no number")
    func refusals() async throws {
        let run = try await world.run()
        let other = try await world.run()
        try await world.put(world.root(other) + "/model/MLmodel", "x")
        let empty = try await world.loggedModels.create(
            experimentID: "0", name: "m", modelType: "", sourceRunID: run.id, params: [:], tags: [:], by: world.ada)
        let failed = try await world.loggedModels.create(
            experimentID: "0", name: "f", modelType: "", sourceRunID: run.id, params: [:], tags: [:], by: world.ada)
        let root = String(failed.artifactURI.dropFirst("mlflow-artifacts:/".count))
        try await world.put(root + "/MLmodel", "half")
        _ = try await world.loggedModels.finalize(failed.id, status: .uploadFailed)
        let none = String(repeating: "0", count: 32)
        for source in [
            "models:/\(failed.id)", failed.artifactURI, "mlflow-artifacts:/nowhere/at/all", "runs:/\(run.id)/../x",
            "file:///etc/passwd", "/etc/passwd", "model", "", "C:/models", "mlflow-artifacts:/../x", "models:/pump",
            "mlflow-artifacts:/versions/pump/1/MLmodel", "s3://b/\u{7}", String(repeating: "s3://b/", count: 400),
        ] {
            #expect(await refusal(source) == .invalidArgument, "\(source)")
        }
        for source in [
            "models:/m-\(none)", "models:/pump/9", "models:/none/1",
            "mlflow-artifacts:/versions/pump/9",
        ] {
            #expect(await refusal(source) == .notFound, "\(source)")
        }
        let foreign = other.artifactURI + "/model"
        #expect(await refusal(foreign, run: run.id) == .invalidArgument)
        #expect(await refusal(foreign, run: none) == .invalidArgument)
        #expect(await refusal("runs:/\(other.id)/model", run: run.id) == .invalidArgument)
        #expect(await refusal(foreign, model: empty.id) == .invalidArgument)
        #expect(try await world.reader.versionRecords(model: "pump").isEmpty)
        let first = try await world.registry.createVersion(world.draft("pump", foreign, run: other.id), by: world.ada)
        #expect(first.id.version == 1 && first.statusMessage.isEmpty)
    }

    @Test("a source without files is registered as MLflow does, says that it cannot be served, and gets none later")
    func hollow() async throws {
        let run = try await world.run()
        let model = try await world.loggedModels.create(
            experimentID: "0", name: "m", modelType: "", sourceRunID: run.id, params: [:], tags: [:], by: world.ada)
        let sources = [
            "runs:/\(run.id)/model", "runs:/\(run.id)", "models:/\(model.id)", run.artifactURI + "/model",
            model.artifactURI, "runs:/unknown/model",
        ]
        for source in sources {
            let version = try await world.registry.createVersion(world.draft("pump", source), by: world.ada)
            #expect(
                version.statusMessage.contains("no files at its source") && version.artifactRoot.isEmpty, "\(source)")
        }
        try await world.put(world.root(run) + "/model/MLmodel", "late")
        #expect(try await world.reader.versionRecord(ModelVersionID(model: "pump", version: 1)).files.isEmpty)
        let unknown = try await world.registry.version(ModelVersionID(model: "pump", version: 6))
        #expect(unknown.runID == "unknown")
        var draft = world.draft("pump", "runs:/unknown/model")
        draft.needsFiles = true
        let governed = draft
        #expect(
            await world.refusal { _ = try await world.registry.createVersion(governed, by: world.ada) }
                == .invalidArgument)
    }

    @Test("a logged model tells its versions in a tag, each once")
    func versionsTag() async throws {
        let run = try await world.run()
        let model = try await world.loggedModels.create(
            experimentID: "0", name: "m", modelType: "", sourceRunID: run.id, params: [:], tags: [:], by: world.ada)
        for _ in 1...2 {
            _ = try await world.registry.createVersion(world.draft("pump", "models:/\(model.id)"), by: world.ada)
        }
        #expect(
            try await world.loggedModels.model(model.id).tags["mlflow.modelVersions"]
                == #"[{"name": "pump", "version": 1}, {"name": "pump", "version": 2}]"#)
    }

    @Test(
        "what is kept elsewhere is registered and says that it cannot be served",
        arguments: ["s3://bucket/key", "dbfs:/models/1", "hdfs://h/x", "https://models.example.org/a", "GS://b/c"])
    func elsewhere(_ source: String) async throws {
        let version = try await world.registry.createVersion(world.draft("pump", source), by: world.ada)
        #expect(version.source == source && version.artifactRoot.isEmpty)
        #expect(version.statusMessage.contains("cannot be prepared, served or rolled out"))
        #expect(try await world.reader.versionRecord(version.id).files.isEmpty)
        let copy = try await world.registry.createVersion(world.draft("pump", "models:/pump/1"), by: world.ada)
        #expect(copy.statusMessage == version.statusMessage)
    }

    @Test("files of no run and no logged model are registered and say so")
    func ownerless() async throws {
        try await world.put("loose/MLmodel", "x")
        let version = try await world.registry.createVersion(
            world.draft("pump", "mlflow-artifacts:/loose"), by: world.ben)
        #expect(version.statusMessage.contains("no run") && version.runID == nil)
        #expect(try await world.reader.versionRecord(version.id).authors == [world.ada.id, world.ben.id])
    }

    @Test("more files than a version may have are refused with the limit; as many as that are all kept")
    func filesMax() async throws {
        let run = try await world.run()
        let root = world.root(run) + "/model"
        func add(_ numbers: ClosedRange<Int>) async throws {
            _ = try await world.database.write { sql in
                try sql.execute(
                    """
                    WITH RECURSIVE n (i) AS (SELECT $2 UNION ALL SELECT i + 1 FROM n WHERE i < $3)
                    INSERT INTO artifacts (path, digest, bytes, modified_at, stored_by)
                    SELECT $1 || '/' || i, 'd', 1, 0, 'p' FROM n
                    """, [.text(root), .integer(numbers.lowerBound), .integer(numbers.upperBound)])
            }
        }
        try await add(1...10_000)
        let version = try await world.registry.createVersion(
            world.draft("pump", "runs:/\(run.id)/model"), by: world.ada)
        #expect(try await world.reader.versionRecord(version.id).files.count == 10_000)
        try await add(10_001...10_001)
        await #expect {
            _ = try await world.registry.createVersion(world.draft("pump", "runs:/\(run.id)/model"), by: world.ada)
        } throws: { error in
            (error as? MartletError)?.code == .invalidArgument && "\(error)".contains("10000")
        }
    }
}
