import Domain
import Storage
import TestSupport
import Testing

@Suite("An optimised model becomes a version", .everyEngine, .namingEngine)
struct OptimizedVersionStoreTests {
    let world: TrackingWorld
    let store: OptimizedVersionStore

    init() throws {
        world = try TrackingWorld()
        store = OptimizedVersionStore(registry: world.registry, artifacts: world.artifacts)
    }

    private func draft(_ version: Int = 1, reference: String? = nil) -> OptimizedVersionDraft {
        OptimizedVersionDraft(
            source: ModelVersionID(model: "wear", version: version),
            record: OptimizationRecord(
                method: "int8", sourceVersion: version, detail: "int8, ranges taken from each request",
                tool: "onnxruntime 1", bytesBefore: 400, bytesAfter: 100,
                latency: .init(rows: 1, runs: 9, millisecondsBefore: 2, millisecondsAfter: 1),
                answers: .init(
                    rows: 5, source: "reference rows", labelMismatchShare: 0.2, scoreDifferenceMax: 0.5,
                    scoreDifferenceMean: 0.1), metrics: [.init(name: "accuracy", before: 0.9, after: 0.8)]),
            files: [(path: "MLmodel", bytes: Array("flavors".utf8)), (path: "model.onnx", bytes: [8, 9])],
            referencePath: reference)
    }

    @Test("it has its own files, a run with the figures, what the source's run says, and the authors of both")
    func registers() async throws {
        let source = try await world.version(of: "wear")
        let run = try #require(source.runID)
        try await world.put("0/\(run)/artifacts/rows.csv", "a,label\n1,0\n", by: world.cas)
        try await world.runs.log(
            run, metrics: [MetricPoint(key: "accuracy", value: 0.99, timestamp: world.clock.now(), step: 0)],
            params: [(key: "depth", value: "3")],
            tags: [
                (key: VersionTag.sourceCommit, value: "c0ffee"), (key: VersionTag.reference, value: "rows.csv"),
                (key: "reviewed", value: "yes"),
            ])
        let id = try await store.register(draft(reference: "rows.csv"), by: world.ben)

        #expect(id == ModelVersionID(model: "wear", version: 2))
        let record = try await world.reader.versionRecord(id)
        #expect(record.files.map(\.path) == ["MLmodel", "model.onnx"])
        #expect(try await world.reader.read("model.onnx", of: id, bytesMax: 10) == [8, 9])
        #expect(record.createdBy == world.ben.id && record.authors == [world.ada.id, world.ben.id])
        #expect(record.tags == [VersionTag.derivedFrom: "wear/1", VersionTag.optimization: "int8"])
        let made = try await world.reader.runRecord(try #require(record.runID))
        #expect(made.id != run && made.status == "FINISHED" && made.createdBy == world.ben.id)
        #expect(made.params["depth"] == "3" && made.params["optimize.source"] == "models:/wear/1")
        #expect(made.tags[VersionTag.sourceCommit] == "c0ffee" && made.tags["mlflow.parentRunId"] == run)
        // What others said of the source is not said of this one, and its metrics are not its own.
        #expect(made.tags["reviewed"] == nil && !made.metrics.contains { $0.key == "accuracy" })
        #expect(made.metrics.first { $0.key == "optimize.accuracy_after" }?.value == 0.8)
        #expect(try await world.reader.read("rows.csv", ofRun: made.id, bytesMax: 100) == Array("a,label\n1,0\n".utf8))
        #expect(try await store.record(of: id) == draft().record)
        #expect(try await store.record(of: source.id) == nil)
    }

    @Test("its audit event says of what it was made, in the transaction that makes it")
    func audits() async throws {
        try await world.version(of: "wear")
        _ = try await store.register(draft(), by: world.ben)
        let events = try await AuditStore(database: world.database).events(after: 0, through: 1_000)
        let event = try #require(events.last { $0.action == "version.create" })
        #expect(event.subject == "models/wear/versions/2" && event.actorName == "ben")
        #expect(event.after["derived_from"] == "wear/1")
    }

    @Test("lineage goes from the source to it and back, also after the model was renamed")
    func lineage() async throws {
        try await world.version(of: "wear")
        _ = try await store.register(draft(), by: world.ben)
        _ = try await world.registry.rename("wear", to: "worn", by: world.ada)
        let reader = LineageReader(registry: world.database, observations: world.database)
        let origins = try await reader.neighbours(
            of: try await reader.node(try LineageReference("model:worn/2")), .upstream, limit: 10)
        #expect(origins.edges.map(\.label) == ["made", "int8"] && origins.nodes.last?.id == "model:worn/1")
        let uses = try await reader.neighbours(
            of: try await reader.node(try LineageReference("model:worn/1")), .downstream, limit: 10)
        #expect(uses.nodes.map(\.id) == ["model:worn/2"] && uses.edges.map(\.label) == ["int8"])
        try await world.registry.deleteVersion(ModelVersionID(model: "worn", version: 1), by: world.ada)
        let cut = try await reader.neighbours(
            of: try await reader.node(try LineageReference("model:worn/2")), .upstream, limit: 10)
        #expect(cut.cut?.contains("is gone") == true)
    }

    @Test("where the source is gone nothing is made")
    func sourceGone() async throws {
        try await world.version(of: "wear")
        let runs = try await count("runs")
        #expect(await world.refusal { _ = try await store.register(draft(7), by: world.ben) } == .notFound)
        #expect(try await count("runs") == runs)
        #expect(try await world.reader.versionRecords(model: "wear").count == 1)
    }

    private func count(_ table: String) async throws -> Int {
        try await world.database.read { try $0.row("SELECT COUNT(*) AS total FROM \(table)")?.int("total") ?? 0 }
    }
}
