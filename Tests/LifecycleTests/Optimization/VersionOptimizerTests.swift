import Domain
import Lifecycle
import Logging
import Synchronization
import TestSupport
import Testing

@Suite("Optimised versions are made as jobs")
struct VersionOptimizerTests {
    /// Everything that the service asks, in memory.
    final class World: RegistryReading, ArtifactReading, VersionPreparationStore, ModelOptimizing,
        OptimizedVersionKeeping, VersionCreatedListener
    {
        struct State: Sendable {
            var isAllowed = true
            var isSigned = true
            var servable: ServableVersion? = ServableVersion(
                id: .init(model: "wear", version: 1), path: "/m", digest: "d", columns: [], predictionOutput: "label")
            var failure: String?
            var tasks: [OptimizationTask] = []
            var drafts: [OptimizedVersionDraft] = []
            var created: [ModelVersionID] = []
        }
        let state = Mutex(State())
        let clock = ManualClock()
        /// Jobs wait here until it is finished.
        let gate = AsyncStream<Void>.makeStream()

        func versionRecord(_ id: ModelVersionID) async throws -> VersionRecord {
            guard id.version == 1 else { throw MartletError.notFound("no such version") }
            return VersionRecord(
                id: id, createdAt: clock.now(), createdBy: .init(rawValue: "a"), createdByName: "a", runID: "r",
                loggedModelID: nil, source: "s", description: nil, tags: [:], aliases: [], files: [])
        }
        func version(model: String, alias: String) async throws -> Int? { nil }
        func versionRecords(model: String) async throws -> [VersionRecord] { [] }
        func runRecord(_ runID: String) async throws -> RunRecord {
            RunRecord(
                id: runID, experimentID: "0", name: "r", status: "FINISHED", createdBy: .init(rawValue: "a"),
                createdByName: "a", startedAt: clock.now(), endedAt: nil, params: [:],
                tags: [VersionTag.reference: "rows.csv"], metrics: [], datasets: [])
        }
        func modelNames() async throws -> [String] { ["wear"] }

        func read(_ path: String, of version: ModelVersionID, bytesMax: Int) async throws -> [UInt8] { [1] }
        func read(_ path: String, ofRun runID: String, bytesMax: Int) async throws -> [UInt8] { Array(path.utf8) }
        func list(run runID: String) async throws -> [String] { [] }
        func localPath(_ path: String, of version: ModelVersionID) async throws -> String { path }

        func preparation(_ id: ModelVersionID) async throws -> VersionPreparation? {
            let servable = state.withLock { $0.servable }
            return VersionPreparation(
                id: id, state: servable == nil ? .unservable : .servable, detail: "It is a pickle.",
                servable: servable, goldenRequest: "{}", preparedAt: clock.now())
        }
        func save(_ preparation: VersionPreparation) async throws {}
        func unprepared() async throws -> [ModelVersionID] { [] }

        func requireAllowed() throws(MartletError) {
            guard state.withLock({ $0.isAllowed }) else { throw .precondition("guests are off") }
        }
        func optimize(_ task: OptimizationTask) async throws -> OptimizedModel {
            for await _ in gate.stream {}
            try Task.checkCancellation()
            return try state.withLock { state in
                state.tasks.append(task)
                if let failure = state.failure { throw MartletError.invalid(failure) }
                return OptimizedModel(
                    model: [7],
                    record: OptimizationRecord(
                        method: "\(task.optimization)", sourceVersion: 1, detail: "d", tool: "t", bytesBefore: 2,
                        bytesAfter: 1, latency: .init(rows: 1, runs: 1, millisecondsBefore: 1, millisecondsAfter: 1),
                        answers: .init(
                            rows: 1, source: "golden request", labelMismatchShare: nil, scoreDifferenceMax: nil,
                            scoreDifferenceMean: nil), metrics: []), requirements: ["onnxruntime==1"])
            }
        }

        func register(_ draft: OptimizedVersionDraft, by actor: Principal) async throws -> ModelVersionID {
            state.withLock { $0.drafts.append(draft) }
            return ModelVersionID(model: "wear", version: 2)
        }
        func record(of id: ModelVersionID) async throws -> OptimizationRecord? { nil }
        func versionCreated(_ id: ModelVersionID) { state.withLock { $0.created.append(id) } }
    }

    private let world = World()
    private let ada = Principal(id: .init(rawValue: "a"), name: "ada", roles: [.contributor])
    private let first = ModelVersionID(model: "wear", version: 1)

    private func service() -> VersionOptimizer {
        VersionOptimizer(
            source: OptimizationSource(
                registry: world, artifacts: world, preparations: world,
                requireSignature: { [world] _ in
                    guard world.state.withLock({ $0.isSigned }) else { throw MartletError.precondition("not signed") }
                }), optimizer: world, keeper: world, listener: world, makeMLmodel: { source, _ in source + [2] },
            clock: world.clock, logger: Logger(label: "t", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private func ended(_ service: VersionOptimizer, _ id: String) async throws -> OptimizationJob {
        world.gate.continuation.finish()
        for _ in 0..<2_000 {
            let job = try await service.job(id, of: first)
            if job.state != .running { return job }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw MartletError(.deadlineExceeded, "It did not end within ten seconds.")
    }

    private func refusal(
        _ service: VersionOptimizer, _ id: ModelVersionID, by principal: Principal? = nil
    ) async -> MartletError? {
        do { _ = try await service.start(id, .int8, by: principal ?? ada) } catch { return error as? MartletError }
        return nil
    }

    @Test("what is made is registered with its files and reference rows, and taken to preparation")
    func makes() async throws {
        let service = service()
        let begun = try await service.start(first, .prune(share: 0.5), by: ada)
        #expect(begun.state == .running && begun.method == "prune 0.5" && begun.startedBy == "ada")
        let job = try await ended(service, begun.id)
        #expect(job.state == .succeeded && job.version == 2 && job.record?.bytesAfter == 1)
        let state = world.state.withLock { $0 }
        #expect(state.created == [ModelVersionID(model: "wear", version: 2)])
        #expect(state.tasks.first?.referenceRows == Array("rows.csv".utf8))
        let draft = try #require(state.drafts.first)
        #expect(draft.source == first && draft.referencePath == "rows.csv")
        #expect(draft.files.map(\.path) == ["MLmodel", "model.onnx", "requirements.txt"])
        #expect(draft.files.map(\.bytes) == [[1, 2], [7], Array("onnxruntime==1\n".utf8)])
    }

    @Test("what cannot be made registers nothing and says why")
    func fails() async throws {
        world.state.withLock { $0.failure = "It has no layer." }
        let service = service()
        let job = try await ended(service, try await service.start(first, .int8, by: ada).id)
        #expect(job.state == .failed && job.error == "It has no layer." && job.version == nil)
        #expect(world.state.withLock { $0.drafts.isEmpty && $0.created.isEmpty })
    }

    @Test("who may not, what is not there, not signed or not servable, and guests that are off begin nothing")
    func refuses() async throws {
        let service = service()
        let viewer = Principal(id: .init(rawValue: "v"), name: "vera", roles: [.viewer])
        #expect(await refusal(service, first, by: viewer)?.code == .permissionDenied)
        #expect(await refusal(service, ModelVersionID(model: "wear", version: 9))?.code == .notFound)
        world.state.withLock { $0.isSigned = false }
        #expect(await refusal(service, first)?.message == "not signed")
        world.state.withLock { $0.isSigned = true }
        world.state.withLock { $0.servable = nil }
        #expect(await refusal(service, first)?.message.contains("It is a pickle.") == true)
        world.state.withLock { $0.isAllowed = false }
        #expect(await refusal(service, first)?.message == "guests are off")
        #expect(world.state.withLock { $0.tasks.isEmpty })
    }

    @Test("the same is not begun twice at a time, and more than two are refused for now")
    func bounded() async throws {
        let service = service()
        let begun = try await service.start(first, .int8, by: ada)
        #expect(await refusal(service, first)?.code == .failedPrecondition)
        _ = try await service.start(first, .fp16, by: ada)
        do {
            _ = try await service.start(first, .prune(share: 0.1), by: ada)
            Issue.record("a third was begun")
        } catch let error as MartletError {
            #expect(error.code == .resourceExhausted)
        }
        _ = try await ended(service, begun.id)
        await #expect(throws: MartletError.self) { try await service.job("none", of: first) }
    }
}
