import Crypto
import Domain
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Serving

/// Preparations in memory.
private struct Preparations: VersionPreparationStore {
    let all: [ModelVersionID: VersionPreparation]

    func preparation(_ id: ModelVersionID) async throws -> VersionPreparation? { all[id] }
    func save(_ preparation: VersionPreparation) async throws { throw MartletError.precondition("read only") }
    func unprepared() async throws -> [ModelVersionID] { [] }
}

@Suite("Replay and performance probe")
struct ReplayAndProbeTests {
    private let recorder = Recorder()
    private let sealer = PredictionSealer(key: [UInt8](repeating: 9, count: 32))
    private let plane: DataPlane
    private let preparations: Preparations
    private let id = ModelVersionID(model: "m", version: 4)
    private let input: [NamedTensor]

    /// Requests are the first number alone; answers are the outputs as the protocol's JSON.
    private static let codec = InferenceCodec(
        decode: { bytes throws(MartletError) in
            let number = Double(String(decoding: bytes, as: UTF8.self)) ?? .nan
            return InferenceRequest(
                inputs: [NamedTensor(name: "x", tensor: try Tensor(.fp64, shape: [1, 2], elements: [number, 0]))])
        },
        encode: { response throws(MartletError) in
            let data = response.outputs[0].tensor.elements(as: Double.self)
            return Array(#"{"outputs":[{"name":"y","datatype":"FP64","shape":[1],"data":\#(data)}]}"#.utf8)
        })

    init() throws {
        let folder = NSTemporaryDirectory() + "martlet-replay-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try "triple".write(toFile: folder + "/m.onnx", atomically: true, encoding: .utf8)
        let digest = SHA256.hash(data: Data("triple".utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            .joined()
        plane = DataPlane(
            runtime: FakeRuntime(), sealer: sealer, clock: ManualClock(), log: recorder, sink: recorder,
            snapshotPath: folder + "/snapshot.json")
        let servable = ServableVersion(
            id: id, path: folder + "/m.onnx", digest: digest, columns: [], predictionOutput: "y")
        let golden = #"{"model_name":"trial","outputs":[{"name":"y","datatype":"FP64","shape":[1],"data":[6]}]}"#
        preparations = Preparations(all: [
            id: VersionPreparation(
                id: id, state: .servable, detail: "", servable: servable, goldenRequest: "2", goldenResponse: golden,
                runtime: "fake 1", preparedAt: Timestamp(milliseconds: 0)),
            ModelVersionID(model: "m", version: 5): VersionPreparation(
                id: ModelVersionID(model: "m", version: 5), state: .servable, detail: "", servable: servable,
                goldenRequest: "2.5", goldenResponse: golden, runtime: "fake 0", preparedAt: Timestamp(milliseconds: 0)),
        ])
        input = [NamedTensor(name: "x", tensor: try Tensor(.fp64, shape: [1, 2], elements: [2.0, 0]))]
    }

    private func record(answer: Double, runtime: String) async throws -> PredictionID {
        let predictionID = sealer.seal(
            PredictionOrigin(
                endpointID: 1, version: 4, policyVersion: 1, rolloutID: 0, rolloutStep: 0,
                time: Timestamp(milliseconds: 0)))
        let output = [NamedTensor(name: "y", tensor: try Tensor(.fp64, shape: [1], elements: [answer]))]
        try await recorder.append(
            PredictionRecord(
                id: predictionID, time: Timestamp(milliseconds: 0), endpoint: "m", version: 4,
                input: TensorRecord.encode(input), output: TensorRecord.encode(output), runtime: runtime))
        return predictionID
    }

    @Test("a recorded prediction is the same bit for bit, by a version that is no longer served")
    func identical() async throws {
        let outcome = try await PredictionReplayer(plane: plane, preparations: preparations)
            .replay(record(answer: 6, runtime: "fake 1"))
        #expect(outcome.isIdentical && outcome.isSameRuntime && outcome.maxAbsoluteDifference == 0)
    }

    @Test("a difference is reported with its size and with what else differs")
    func different() async throws {
        let outcome = try await PredictionReplayer(plane: plane, preparations: preparations)
            .replay(record(answer: 6.5, runtime: "fake 0"))
        #expect(!outcome.isIdentical && !outcome.isSameRuntime && outcome.maxAbsoluteDifference == 0.5)
    }

    @Test("what was not recorded is not found, and a foreign id is refused")
    func notRecorded() async throws {
        let replayer = PredictionReplayer(plane: plane, preparations: preparations)
        let origin = PredictionOrigin(
            endpointID: 1, version: 4, policyVersion: 1, rolloutID: 0, rolloutStep: 0, time: Timestamp(milliseconds: 0))
        let missing = await #expect(throws: MartletError.self) { try await replayer.replay(sealer.seal(origin)) }
        #expect(missing?.code == .notFound)
        let foreign = await #expect(throws: MartletError.self) {
            try await replayer.replay(PredictionID(rawValue: "p1.AAAA"))
        }
        #expect(foreign?.code == .invalidArgument)
    }

    @Test("a golden request reproduces its answer, differs with the place named, or is missing")
    func golden() async throws {
        let probe = DataPlaneProbe(plane: plane, preparations: preparations, codec: Self.codec)
        #expect(try await probe.reproduceGolden(id) == .reproduced)
        guard case .differs(let sentence) = try await probe.reproduceGolden(ModelVersionID(model: "m", version: 5))
        else {
            Issue.record("7.5 is not 6")
            return
        }
        #expect(sentence.contains("element 0") && sentence.contains("another than at registration"))
        guard case .missing = try await probe.reproduceGolden(ModelVersionID(model: "m", version: 6)) else {
            Issue.record("nothing was recorded")
            return
        }
    }

    @Test("a measurement counts its requests, orders its quantiles and is not observed as traffic")
    func measure() async throws {
        let probe = DataPlaneProbe(plane: plane, preparations: preparations, codec: Self.codec)
        let measured = try await probe.measure(id, seconds: 0.1)
        #expect(measured.requests > 0 && measured.requestsPerSecond > 0)
        #expect(measured.p50Milliseconds <= measured.p99Milliseconds)
        #expect(measured.machine.contains("without network"))
        #expect(recorder.observations.withLock { $0.isEmpty })
    }
}
