import Domain
import Foundation
import NIOCore
import TestSupport
import Testing

@testable import Storage

@Suite("Deleting for good")
struct CollectorTests {
    let world: TrackingWorld
    let root = Principal(id: .init(rawValue: "p-root"), name: "root", roles: [.administrator])

    init() throws { world = try TrackingWorld() }

    private struct Outcome {
        var items: [CollectionItem] = []
        var summary = CollectionSummary(isDryRun: true)

        func ids(_ kind: CollectionItem.Kind, _ outcome: CollectionItem.Outcome = .collected) -> Set<String> {
            Set(items.filter { $0.kind == kind && $0.outcome == outcome }.map(\.id))
        }
    }

    private func collect(
        days: Double = 30, experiments: [String] = [], runs: [String] = [], loggedModels: [String] = [],
        dry: Bool = false, blobGrace: Double = 0
    ) async throws -> Outcome {
        let collector = Collector(
            database: world.database, artifacts: world.artifacts, clock: world.clock, blobGrace: blobGrace)
        var outcome = Outcome()
        try await collector.collect(
            CollectionScope(
                deletedBefore: world.clock.now().adding(seconds: -days * 86_400), experiments: experiments, runs: runs,
                loggedModels: loggedModels), isDryRun: dry, by: root
        ) { event in
            switch event {
            case .phase: break
            case .item(let item): outcome.items.append(item)
            case .done(let summary): outcome.summary = summary
            }
        }
        return outcome
    }

    /// Blobs by digest; the clock of the tests stands in the past, so that files get times before it.
    private func blobs() throws -> Set<String> {
        let folder = world.folder.path + "/artifacts/blobs"
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder)
        for path in paths {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1_600_000_000)], ofItemAtPath: folder + "/" + path)
        }
        return Set(paths.filter { $0.count == 67 }.map { String($0.suffix(64)) })
    }

    private func experiment(_ name: String) async throws -> String {
        try await world.experiments.create(name: name, artifactLocation: nil, tags: ["t": "1"], by: world.ada)
    }

    private func filledRun(in experiment: String, file: String) async throws -> Run {
        let run = try await world.run("r", experiment: experiment)
        let points = (0..<5).map {
            MetricPoint(key: "loss", value: Double($0), timestamp: Timestamp(milliseconds: $0), step: $0)
        }
        try await world.runs.log(
            run.id, metrics: points, params: [(key: "p", value: "1")], tags: [(key: "t", value: "1")])
        try await world.put(world.root(run) + "/file", file)
        return run
    }

    @Test(
        "an old deleted run goes with metrics, params, tags, artifacts and its files; a young one and a live one stay")
    func runs() async throws {
        let old = try await filledRun(in: "0", file: "old")
        let live = try await filledRun(in: "0", file: "live")
        let young = try await filledRun(in: "0", file: "young")
        try await world.runs.setDeleted(true, id: old.id, by: world.ada)
        world.clock.advance(seconds: 31 * 86_400)
        try await world.runs.setDeleted(true, id: young.id, by: world.ada)
        #expect(try blobs().count == 3)
        let dry = try await collect(dry: true)
        #expect(dry.ids(.run) == [old.id] && dry.ids(.blob).count == 1 && dry.summary.isDryRun)
        #expect(dry.summary.metricPoints == 5 && dry.summary.freedBytes == 3)
        #expect(try await world.runs.run(old.id).isDeleted && blobs().count == 3)
        let done = try await collect()
        #expect(done.items == dry.items)
        #expect(await world.refusal { _ = try await world.runs.run(old.id) } == .notFound)
        #expect(try blobs().count == 2)
        #expect(try await world.runs.run(young.id).isDeleted)
        #expect(try await world.runs.run(live.id).metrics.count == 1)
        for table in ["metric_points", "latest_metrics", "run_params", "run_tags"] {
            let left = try await world.database.read { sql in
                try sql.row("SELECT COUNT(*) AS n FROM \(table) WHERE run_id = $1", [.text(old.id)])?.int("n")
            }
            #expect(left == 0, "\(table)")
        }
        #expect(try await world.text(world.root(live) + "/file") == "live")
        let audit = try await AuditStore(database: world.database).auditEvents(
            matching: AuditFilter(subjectPrefix: "runs/\(old.id)"), before: nil, limit: 9)
        #expect(audit.first?.action == "run.collect" && audit.first?.actorName == "root")
        #expect(try await collect().items.isEmpty)
    }

    @Test("an experiment goes with all its runs and logged models; its name is free again, its id is not")
    func experiments() async throws {
        let id = try await experiment("trial")
        let run = try await filledRun(in: id, file: "a")
        let model = try await world.loggedModels.create(
            experimentID: id, name: "m", modelType: "", sourceRunID: run.id, params: ["k": "v"], tags: ["t": "1"],
            by: world.ada)
        try await world.runs.logOutputs(run.id, models: [ModelOutput(modelID: model.id, step: 0)])
        try await world.experiments.setDeleted(true, id: id, by: world.ada)
        #expect(await world.refusal { _ = try await experiment("trial") } == .alreadyExists)
        world.clock.advance(seconds: 31 * 86_400)
        let dry = try await collect(dry: true)
        let done = try await collect()
        #expect(done.items == dry.items)
        #expect(done.ids(.experiment) == [id] && done.ids(.run) == [run.id] && done.ids(.loggedModel) == [model.id])
        let again = try await experiment("trial")
        #expect(Int(again) == (Int(id) ?? 0) + 1)
    }

    @Test(
        "what a registered version was made of is held and named, with its experiment, and the version keeps its files")
    func held() async throws {
        let id = try await experiment("trial")
        let run = try await world.run("r", experiment: id)
        try await world.put(world.root(run) + "/model/MLmodel", "flavors")
        _ = try await world.registry.create(name: "pump", description: nil, tags: [:], by: world.ada)
        let version = try await world.registry.createVersion(
            world.draft("pump", "runs:/\(run.id)/model"), by: world.ada)
        try await world.experiments.setDeleted(true, id: id, by: world.ada)
        world.clock.advance(seconds: 31 * 86_400)
        _ = try blobs()
        let done = try await collect()
        #expect(done.ids(.run, .held) == [run.id] && done.ids(.experiment, .held) == [id])
        #expect(done.items.first?.reason?.contains("Version 1 of 'pump'") == true)
        #expect(try await world.reader.read("MLmodel", of: version.id, bytesMax: 99) == Array("flavors".utf8))
        try await world.experiments.setDeleted(false, id: id, by: world.ada)
        #expect(try await !world.runs.run(run.id).isDeleted)
        try await world.registry.deleteVersion(version.id, by: world.ada)
        try await world.experiments.setDeleted(true, id: id, by: world.ada)
        world.clock.advance(seconds: 31 * 86_400)
        #expect(try await collect().ids(.experiment) == [id])
        #expect(try blobs().isEmpty)
    }

    @Test("a run stays as long as a logged model that comes from it, or is measured by it, does")
    func sourceOfLoggedModel() async throws {
        let run = try await filledRun(in: "0", file: "a")
        let judge = try await world.run("judge")
        let model = try await world.loggedModels.create(
            experimentID: "0", name: "m", modelType: "", sourceRunID: run.id, params: [:], tags: [:], by: world.ada)
        try await world.runs.log(
            judge.id,
            metrics: [
                MetricPoint(
                    key: "auc", value: 1, timestamp: Timestamp(milliseconds: 1), step: 0, modelID: model.id)
            ], params: [], tags: [])
        for id in [run.id, judge.id] { try await world.runs.setDeleted(true, id: id, by: world.ada) }
        world.clock.advance(seconds: 31 * 86_400)
        #expect(try await collect().ids(.run, .held) == [run.id, judge.id])
        try await world.loggedModels.delete(model.id, by: world.ada)
        world.clock.advance(seconds: 31 * 86_400)
        let done = try await collect()
        #expect(done.ids(.run) == [run.id, judge.id] && done.ids(.loggedModel) == [model.id])
    }

    @Test("named ids alone are taken, and one that is not deleted or not there is refused before anything goes")
    func named() async throws {
        let runs = [try await filledRun(in: "0", file: "a"), try await filledRun(in: "0", file: "b")]
        let live = try await world.run("live")
        for run in runs { try await world.runs.setDeleted(true, id: run.id, by: world.ada) }
        world.clock.advance(seconds: 60)
        for wrong in [[runs[0].id, live.id], [runs[0].id, "none"]] {
            #expect(await world.refusal { _ = try await collect(days: 0, runs: wrong) } != nil)
        }
        #expect(try await collect(days: 0, runs: [runs[0].id]).ids(.run) == [runs[0].id])
        #expect(try await world.runs.run(runs[1].id).isDeleted)
    }

    @Test("a file younger than the grace period, or referred to by another path, stays")
    func files() async throws {
        let run = try await filledRun(in: "0", file: "shared")
        let other = try await filledRun(in: "0", file: "shared")
        try await world.put(world.root(other) + "/gone", "orphan")
        try await world.artifacts.delete(world.root(other) + "/gone", by: world.ada)
        try await world.runs.setDeleted(true, id: run.id, by: world.ada)
        world.clock.advance(seconds: 31 * 86_400)
        // The files are as young as the test.
        #expect(try await collect().ids(.blob).isEmpty)
        #expect(try blobs().count == 2)
        #expect(try await collect().summary.blobs == 1)
        #expect(try await world.text(world.root(other) + "/file") == "shared")
    }

    @Test("an upload of the same content while a file is taken away keeps its file, whichever comes first")
    func races() async throws {
        let path = "0/x/artifacts/f"
        try await world.put(path, "same")
        let name = BlobName(digest: try await world.artifacts.blob(path).digest, form: .plain)
        let blobs = try #require(world.artifacts.blobs.keeper.collecting)
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        // The upload was first: the file is young, and stays.
        #expect(try await !blobs.setAside(name, ifUnchangedSince: now.adding(seconds: -86_400)))
        #expect(try await world.text(path) == "same")
        // The collection was first: the upload makes a file of its own, and the old one may go.
        #expect(try await blobs.setAside(name, ifUnchangedSince: now.adding(seconds: 60)))
        try await world.put(path, "same")
        try await blobs.discard(name)
        #expect(try await world.text(path) == "same")
        // A reference came late: the file comes back.
        #expect(try await blobs.setAside(name, ifUnchangedSince: now.adding(seconds: 60)))
        try await blobs.putBack(name)
        #expect(try await world.text(path) == "same")
        #expect(
            try await !blobs.setAside(
                BlobName(digest: String(repeating: "0", count: 64), form: .plain), ifUnchangedSince: now))
    }

    @Test(
        "what a crash left aside is back after a start, in its form; another process's start leaves it",
        arguments: BlobName.Form.allCases)
    func aside(_ form: BlobName.Form) async throws {
        try await world.put("0/x/artifacts/f", "kept")
        let digest = try await world.artifacts.blob("0/x/artifacts/f").digest
        let folder = world.folder.path + "/artifacts"
        let name = BlobName(digest: digest, form: form)
        let keeper = try FolderBlobKeeper(root: folder)
        if form == .sealed {
            try FileManager.default.moveItem(atPath: world.path(digest), toPath: "\(folder)/\(name.key)")
        }
        #expect(try await keeper.setAside(name, ifUnchangedSince: Timestamp(milliseconds: .max)))
        _ = try FolderBlobKeeper(root: folder, mends: false)
        #expect(try await keeper.bytes(of: name) == nil)
        _ = try FolderBlobKeeper(root: folder)
        #expect(try await keeper.bytes(of: name) == 4)
    }

    @Test("encrypted files go like those in the clear, and what lies of them in the cache goes with them")
    func sealed() async throws {
        let keyFile = world.folder.path + "/master.keys"
        try SecretFile(path: keyFile).create(Array(Data(repeating: 1, count: 32).base64EncodedString().utf8))
        let ring = try await DataKeyStore(database: world.database, clock: world.clock, keyFile: keyFile)
            .open(makes: true)
        let keeper = try FolderBlobKeeper(root: world.folder.path + "/artifacts")
        let cache = world.folder.path + "/cache"
        let artifacts = ArtifactStore(
            database: world.database, clock: world.clock,
            blobs: BlobStore(keeper: keeper, cache: try BlobCache(root: cache, bytesMax: 1 << 20), keys: ring))
        try await artifacts.put("0/x/artifacts/gone", TrackingWorld.body("gone"), by: world.ada)
        try await artifacts.put("0/x/artifacts/kept", TrackingWorld.body("kept"), by: world.ada)
        let gone = try await artifacts.blob("0/x/artifacts/gone")
        let local = try await artifacts.blobs.localPath(gone)
        try await artifacts.delete("0/x/artifacts/gone", by: world.ada)
        // The clock of the tests stands in the past, the files are of now.
        let collector = Collector(
            database: world.database, artifacts: artifacts, clock: world.clock, blobGrace: -4_000_000_000)
        var items: [CollectionItem] = []
        try await collector.collect(
            CollectionScope(deletedBefore: Timestamp(milliseconds: 0)), isDryRun: false, by: root
        ) { if case .item(let item) = $0 { items.append(item) } }
        #expect(items.map(\.id) == [gone.digest])
        #expect(!FileManager.default.fileExists(atPath: local))
        #expect(try await artifacts.blobs.find(gone) == nil)
        #expect(
            try await artifacts.blobs.read(artifacts.blob("0/x/artifacts/kept"), bytesMax: 10) == Array("kept".utf8))
    }

    @Test("files in a bucket are not collected, and the refusal says how the rest is")
    func bucket() async throws {
        let location = try S3Location(url: "s3://models", endpoint: nil, region: "us-east-1", addressing: .auto)
        let keeper = try S3BlobKeeper(
            location: location, environment: ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"])
        let artifacts = ArtifactStore(
            database: world.database, clock: world.clock, blobs: BlobStore(keeper: keeper, cache: nil))
        let collector = Collector(database: world.database, artifacts: artifacts, clock: world.clock)
        var scope = CollectionScope(deletedBefore: world.clock.now())
        do {
            try await collector.check(scope)
            Issue.record("files of a bucket were taken for collectable")
        } catch let error as MartletError {
            #expect(error.code == .failedPrecondition && error.field == "blobs")
            #expect(error.message.contains("--keep-files"))
        }
        scope.includesBlobs = false
        try await collector.check(scope)
    }

    @Test("a run whose removal has begun cannot come back, and goes with the next collection")
    func begun() async throws {
        let run = try await filledRun(in: "0", file: "a")
        try await world.runs.setDeleted(true, id: run.id, by: world.ada)
        _ = try await world.database.write { sql in
            try sql.execute("UPDATE runs SET deleted = 3 WHERE run_id = $1", [.text(run.id)])
        }
        #expect(
            await world.refusal { try await world.runs.setDeleted(false, id: run.id, by: world.ada) }
                == .failedPrecondition)
        #expect(try await collect(days: 0).ids(.run) == [run.id])
    }

    @Test("every table that names a stored file by its digest is known to the collection")
    func references() async throws {
        let columns = try await world.database.read { sql in
            try sql.rows(
                """
                SELECT m.name AS table_name, c.name AS column_name FROM sqlite_master m
                JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name LIKE '%digest%'
                """
            ).map { "\(try $0.text("table_name")).\(try $0.text("column_name"))" }
        }
        // MLflow's own digests of data sets, digests of a version as a whole, and sketches, which are made again, name no file.
        let others: Set<String> = [
            "metric_points.dataset_digest", "run_datasets.digest", "logged_model_metrics.dataset_digest",
            "dataset_versions.digest", "dataset_versions.link_digest", "dataset_file_sketches.digest",
        ]
        #expect(
            Set(columns).subtracting(others) == [
                "artifacts.digest", "model_version_files.digest", "dataset_version_files.digest",
            ])
    }
}
