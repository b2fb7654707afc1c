import Domain
import Lifecycle
import Synchronization
import Testing

@Suite("A prediction followed back")
struct PredictionTracerTests {
    struct World: PredictionIDSealing, RegistryReading, PredictionLog, FeedbackStore, OutcomeStore {
        var endpointID: Int64 = 1
        var isRecorded = true
        var hasVersion = true
        func seal(_ origin: PredictionOrigin) -> PredictionID { PredictionID(rawValue: "ours") }
        func open(_ id: PredictionID) throws(MartletError) -> PredictionOrigin {
            guard id.rawValue == "ours" else { throw MartletError.invalid("not ours") }
            return PredictionOrigin(
                endpointID: endpointID, version: 2, policyVersion: 3, rolloutID: 0, rolloutStep: 0,
                time: Timestamp(milliseconds: 9))
        }
        func versionRecord(_ id: ModelVersionID) async throws -> VersionRecord {
            guard hasVersion else { throw MartletError.notFound("gone") }
            return VersionRecord(
                id: id, createdAt: Timestamp(milliseconds: 0), createdBy: Principal.ID(rawValue: "p"),
                createdByName: "p", runID: "r1", loggedModelID: nil, source: "s", description: nil, tags: [:],
                aliases: [], files: [VersionFile(path: "model.onnx", digest: "abc", bytes: 5)])
        }
        func version(model: String, alias: String) async throws -> Int? { nil }
        func versionRecords(model: String) async throws -> [VersionRecord] { [] }
        func runRecord(_ runID: String) async throws -> RunRecord {
            RunRecord(
                id: runID, experimentID: "0", name: "n", status: "FINISHED", createdBy: Principal.ID(rawValue: "p"),
                createdByName: "p", startedAt: Timestamp(milliseconds: 0), endedAt: nil, params: [:],
                tags: ["mlflow.source.git.commit": "c0ffee"], metrics: [],
                datasets: [
                    RunRecord.Dataset(name: "plants", digest: "d1", sourceType: "t", source: "s", context: "training")
                ])
        }
        func modelNames() async throws -> [String] { [] }
        func append(_ record: PredictionRecord) async throws {}
        func offer(_ record: PredictionRecord) -> Bool { true }
        func record(_ id: PredictionID) async throws -> PredictionRecord? {
            guard isRecorded else { return nil }
            return PredictionRecord(
                id: id, time: Timestamp(milliseconds: 9), endpoint: "free", version: 2, input: [], output: [],
                runtime: "ort 1")
        }
        func record(_ feedback: [Feedback], by actor: Principal) async throws -> FeedbackReceipt { FeedbackReceipt() }
        func feedback(of id: PredictionID) async throws -> [Feedback] { [] }
        func feedback(endpoint: String, businessKey: String) async throws -> [Feedback] {
            [
                Feedback(
                    predictionID: nil, businessKey: businessKey, endpoint: endpoint, row: 0, label: "1", override: nil,
                    kpis: [:], time: Timestamp(milliseconds: 10), principal: "p")
            ]
        }
        func append(_ outcomes: [PredictionOutcome]) async throws {}
        func outcomes(of ids: [PredictionID]) async throws -> [PredictionOutcome] {
            guard isRecorded else { return [] }
            return [
                PredictionOutcome(
                    predictionID: ids[0], row: 0, endpoint: "free", version: 2, role: .champion,
                    time: Timestamp(milliseconds: 9), predicted: "1", score: nil, businessKey: "order 7")
            ]
        }
        func outcomes(endpoint: String, businessKeys: [String]) async throws -> [PredictionOutcome] { [] }
        func pruneOutcomes(before: Timestamp) async throws -> Int { 0 }
        func newestLabelled(endpoint: String, since: Timestamp, limit: Int) async throws -> [Feedback] { [] }
        func newestWithKPIs(endpoint: String, since: Timestamp, limit: Int) async throws -> [Feedback] { [] }
    }

    func trace(_ world: World, id: String = "ours") async throws -> PredictionTrace {
        let store = FakeRollouts(now: Timestamp(milliseconds: 5))
        store.state.withLock { $0.variants["wear"] = [] }
        return try await PredictionTracer(
            ids: world, endpoints: store, registry: world, rollouts: store, log: world, feedback: world,
            outcomes: world,
            approvals: { _ in [] }, describe: { _ in ("in", "out") }
        ).trace(PredictionID(rawValue: id))
    }

    @Test("without any stored row the id alone leads to version, files, data and code")
    func idAlone() async throws {
        let trace = try await trace(World(isRecorded: false))
        #expect(trace.endpoint == "wear" && trace.version?.files.first?.digest == "abc")
        #expect(trace.run?.datasets.first?.digest == "d1" && trace.codeCommit == "c0ffee")
        #expect(trace.input == nil && trace.missing.count == 1)
    }

    @Test("a record adds input, output and runtime, and names the model where the id does not")
    func recorded() async throws {
        let trace = try await trace(World(endpointID: 0))
        #expect(trace.endpoint == "free" && trace.input == "in" && trace.output == "out" && trace.runtime == "ort 1")
        #expect(trace.feedback.map(\.businessKey) == ["order 7"])
        #expect(trace.missing.isEmpty)
    }

    @Test("what is gone is said, never made up; a forged id is refused")
    func gone() async throws {
        let deleted = try await trace(World(hasVersion: false))
        #expect(deleted.version == nil && deleted.missing == ["The version wear/2 was deleted."])
        let unknown = try await trace(World(endpointID: 0, isRecorded: false))
        #expect(unknown.endpoint == nil && unknown.missing.count == 2)
        await #expect(throws: MartletError.self) { try await trace(World(), id: "forged") }
    }
}
