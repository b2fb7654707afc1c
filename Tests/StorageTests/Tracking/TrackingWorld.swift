import Domain
import NIOCore
import Storage
import TestSupport
import Testing

/// The stores of tracking, registry and artifacts over one fresh folder.
struct TrackingWorld {
    let folder: TemporaryFolder
    let clock = ManualClock()
    let database: Database
    let experiments: ExperimentStore
    let runs: RunStore
    let loggedModels: LoggedModelStore
    let registry: RegistryStore
    let artifacts: ArtifactStore
    let reader: RegistryReader

    let ada = Principal(id: .init(rawValue: "p-ada"), name: "ada", roles: [.contributor])
    let ben = Principal(id: .init(rawValue: "p-ben"), name: "ben", roles: [.contributor])
    let cas = Principal(id: .init(rawValue: "p-cas"), name: "cas", roles: [.contributor])
    let dee = Principal(id: .init(rawValue: "p-dee"), name: "dee", roles: [.contributor])

    /// Text that breaks out of careless code: SQL, HTML, paths, directions of writing, a wide emoji.
    static let hostile =
        "'; DROP TABLE runs;-- <script>alert(1)</script> ../../etc \u{202E}txt \u{1F469}\u{200D}\u{1F52C} $1 %s"

    init(bytesMax: Int64 = ArtifactStore.bytesMaxDefault) throws {
        folder = try TemporaryFolder()
        database = try Database.test(folder.path + "/registry.db", migrations: Migrations.registry, clock: clock)
        experiments = ExperimentStore(database: database, clock: clock)
        runs = RunStore(database: database, clock: clock)
        loggedModels = LoggedModelStore(database: database, clock: clock)
        registry = RegistryStore(database: database, clock: clock)
        artifacts = ArtifactStore(
            database: database, clock: clock, blobs: try BlobStore(root: folder.path + "/artifacts"),
            bytesMax: bytesMax)
        reader = RegistryReader(database: database, artifacts: artifacts, clock: clock)
    }

    func run(_ name: String = "r", experiment: String = "0", by principal: Principal? = nil) async throws -> Run {
        try await runs.create(
            experimentID: experiment, userID: "someone else", name: name, startedAt: nil, tags: [:],
            by: principal ?? ada)
    }

    func put(_ path: String, _ text: String, by principal: Principal? = nil) async throws {
        try await artifacts.put(path, Self.body(text), by: principal ?? ada)
    }

    static func body(_ text: String) -> AsyncStream<ByteBuffer> {
        AsyncStream { stream in
            stream.yield(ByteBuffer(string: text))
            stream.finish()
        }
    }

    /// What a path holds.
    func text(_ path: String) async throws -> String {
        let blob = try await artifacts.blob(path)
        return String(decoding: try await artifacts.blobs.read(blob, bytesMax: 1 << 20), as: UTF8.self)
    }

    /// Where a blob lies.
    func path(_ digest: String) -> String { "\(folder.path)/artifacts/blobs/\(digest.prefix(2))/\(digest)" }

    /// The folder of a run's artifacts.
    func root(_ run: Run) -> String { String(run.artifactURI.dropFirst("mlflow-artifacts:/".count)) }

    func draft(_ name: String, _ source: String, run: String? = nil, model: String? = nil)
        -> RegistryStore.VersionDraft
    {
        RegistryStore.VersionDraft(
            name: name, source: source, runID: run, loggedModelID: model, runLink: nil, description: nil, tags: [:])
    }

    /// A registered model, made if need be, with one more version of a fresh run with one file.
    @discardableResult
    func version(of name: String, file: String = "weights") async throws -> ModelVersion {
        if try await !reader.modelNames().contains(name) {
            _ = try await registry.create(name: name, description: nil, tags: [:], by: ada)
        }
        let run = try await run()
        try await put(root(run) + "/model/MLmodel", file)
        return try await registry.createVersion(draft(name, "runs:/\(run.id)/model"), by: ada)
    }

    /// The code of what a call throws; nil if it does not throw.
    func refusal(_ call: () async throws -> Void) async -> MartletError.Code? {
        do { try await call() } catch let error as MartletError {
            return error.code
        } catch let error as StorageError {
            return error.asMartletError.code
        } catch {
            Issue.record(error)
        }
        return nil
    }
}
