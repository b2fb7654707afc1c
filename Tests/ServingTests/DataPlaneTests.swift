import Crypto
import Domain
import Foundation
import Inference
import Synchronization
import TestSupport
import Testing

@testable import Serving

@Suite("Data plane")
struct DataPlaneTests {
    private let folder: String
    private let recorder: Recorder
    private let plane: DataPlane
    private let sealer = PredictionSealer(key: [UInt8](repeating: 7, count: 32))

    init() throws {
        folder = NSTemporaryDirectory() + "martlet-serving-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        recorder = Recorder()
        plane = Self.makePlane(folder, recorder, sealer)
    }

    private static func makePlane(
        _ folder: String, _ recorder: Recorder, _ sealer: PredictionSealer,
        _ configuration: DataPlaneConfiguration = .init()
    ) -> DataPlane {
        DataPlane(
            runtime: FakeRuntime(), sealer: sealer, clock: ManualClock(), log: recorder, sink: recorder,
            snapshotPath: folder + "/snapshot.json", configuration: configuration)
    }

    private func version(_ number: Int, _ kind: String) throws -> ServableVersion {
        let text = "\(kind)\(kind == "broken" ? "" : " \(number)")"
        let path = "\(folder)/\(number).onnx"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let digest = SHA256.hash(data: Data(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return ServableVersion(
            id: ModelVersionID(model: "m", version: number), path: path, digest: digest,
            columns: [
                FeatureColumn(name: "a", input: "x", index: 0, kind: .numeric),
                FeatureColumn(name: "b", input: "x", index: 1, kind: .numeric),
            ], predictionOutput: "y")
    }

    private func snapshot(
        _ kinds: [(Int, String, Variant.Role, Int)], generation: Int64 = 1,
        _ change: (inout Endpoint) -> Void = { _ in }
    ) throws -> EndpointSnapshot {
        var endpoint = Endpoint(
            id: 5, name: "m",
            variants: kinds.map { Variant(version: $0.0, role: $0.2, weightBasisPoints: $0.3) }, policyVersion: 2,
            updatedAt: Timestamp(milliseconds: 0))
        endpoint.record.mode = .none
        change(&endpoint)
        return EndpointSnapshot(
            generation: generation, endpoints: [endpoint], versions: try kinds.map { try version($0.0, $0.1) })
    }

    private func request(_ values: [Double] = [1, 2], key: String? = nil) throws -> InferenceRequest {
        InferenceRequest(
            id: "q", businessKey: key,
            inputs: [NamedTensor(name: "x", tensor: try Tensor(.fp64, shape: [values.count / 2, 2], elements: values))])
    }

    @Test("an answer has the version, the caller's id and an id that tells where it came from")
    func answer() async throws {
        try await plane.apply(snapshot([(1, "double", .champion, 10_000)]))
        let response = try await plane.infer(model: "m", version: nil, request: request([1, 2, 3, 4]))
        #expect(response.outputs[0].tensor.elements(as: Double.self) == [2, 6])
        #expect(response.id == "q")
        #expect(response.version == 1)
        let origin = try sealer.open(response.predictionID)
        #expect(origin.endpointID == 5 && origin.version == 1 && origin.policyVersion == 2)
        let observation = try #require(recorder.observations.withLock { $0.first })
        #expect((0..<2).map(observation.feature) == [.numeric([1, 3]), .numeric([2, 4])])
        #expect(observation.predictions == .numeric([2, 6]))
        #expect(observation.rows == 2 && observation.role == .champion && observation.failure == nil)
    }

    @Test("requests that break the signature are the caller's fault and name the input")
    func signature() async throws {
        try await plane.apply(snapshot([(1, "double", .champion, 10_000)]))
        let number = try Tensor(.fp64, shape: [1, 2], elements: [1.0, 2])
        let cases: [[NamedTensor]] = [
            [], [NamedTensor(name: "z", tensor: number)],
            [NamedTensor(name: "x", tensor: number), NamedTensor(name: "z", tensor: number)],
            [NamedTensor(name: "x", tensor: try Tensor(.fp32, shape: [1, 2], elements: [Float(1), 2]))],
            [NamedTensor(name: "x", tensor: try Tensor(.fp64, shape: [2], elements: [1.0, 2]))],
            [NamedTensor(name: "x", tensor: try Tensor(.fp64, shape: [1, 3], elements: [1.0, 2, 3]))],
            [NamedTensor(name: "x", tensor: try Tensor(.fp64, shape: [0, 2], elements: [Double]()))],
        ]
        for inputs in cases {
            let error = await #expect(throws: MartletError.self) {
                try await plane.infer(model: "m", version: nil, request: InferenceRequest(inputs: inputs))
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.field == "x" || error?.field == "z")
        }
        let unknown = await #expect(throws: MartletError.self) {
            var asked = try request()
            asked.outputs = ["nothing"]
            return try await plane.infer(model: "m", version: nil, request: asked)
        }
        #expect(unknown?.field == "nothing")
    }

    @Test("unknown endpoints and versions are not found; a version that cannot be loaded says why")
    func unknown() async throws {
        try await plane.apply(snapshot([(1, "double", .champion, 10_000), (2, "broken", .candidate, 0)]))
        for (model, version) in [("n", nil), ("m", 9), ("n", 1)] as [(String, Int?)] {
            let error = await #expect(throws: MartletError.self) {
                try await plane.infer(model: model, version: version, request: try request())
            }
            #expect(error?.code == .notFound)
        }
        let error = await #expect(throws: MartletError.self) {
            try await plane.infer(model: "m", version: 2, request: try request())
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("It is broken.") == true)
    }

    @Test("a file that is not the one registered is not loaded")
    func digest() async throws {
        var changed = try snapshot([(1, "double", .champion, 10_000)])
        changed.versions[0].digest = String(repeating: "0", count: 64)
        try await plane.apply(changed)
        let error = await #expect(throws: MartletError.self) {
            try await plane.infer(model: "m", version: nil, request: try request())
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("digest") == true)
    }

    @Test("traffic is split by weight, and a business key stays with its variant while the weight grows")
    func split() async throws {
        try await plane.apply(snapshot([(1, "double", .champion, 9000), (2, "triple", .candidate, 1000)]))
        var candidates = 0
        for _ in 0..<4000 {
            candidates += try await plane.infer(model: "m", version: nil, request: request()).version == 2 ? 1 : 0
        }
        #expect((300...500).contains(candidates))
        var before: Set<String> = []
        for index in 0..<1000 where try await answersByCandidate("k\(index)") { before.insert("k\(index)") }
        try await plane.apply(
            snapshot([(1, "double", .champion, 5000), (2, "triple", .candidate, 5000)], generation: 2))
        for key in before { #expect(try await answersByCandidate(key)) }
        #expect((50...160).contains(before.count))
    }

    private func answersByCandidate(_ key: String) async throws -> Bool {
        try await plane.infer(model: "m", version: nil, request: request(key: key)).version == 2
    }

    @Test("a candidate that fails is answered for by the champion, and both are observed")
    func fallback() async throws {
        try await plane.apply(snapshot([(1, "double", .champion, 0), (2, "fail", .candidate, 10_000)]))
        let response = try await plane.infer(model: "m", version: nil, request: request())
        #expect(response.version == 1)
        #expect(plane.counts.fallbacks == 1)
        let seen = recorder.observations.withLock { $0 }
        #expect(seen.map(\.version) == [2, 1])
        #expect(seen.map(\.failure) == [.internal, nil])
    }

    @Test("an answer outside the policy's bounds never leaves")
    func bounds() async throws {
        let bound = OutputBound(output: "y", minimum: 0, maximum: 10)
        try await plane.apply(
            snapshot([(1, "double", .champion, 0), (2, "triple", .candidate, 10_000)]) { $0.outputBounds = [bound] })
        #expect(try await plane.infer(model: "m", version: nil, request: request([3, 0])).version == 2)
        #expect(try await plane.infer(model: "m", version: nil, request: request([4, 0])).version == 1)
        let error = await #expect(throws: MartletError.self) {
            try await plane.infer(model: "m", version: nil, request: try request([6, 0]))
        }
        #expect(error?.code == .internal)
        #expect(plane.counts.boundViolations == 3)
    }

    @Test("a shadow's answer never reaches the caller, and is observed")
    func shadow() async throws {
        try await plane.apply(snapshot([(1, "double", .champion, 10_000), (2, "fail", .shadow, 0)]))
        for _ in 0..<20 {
            #expect(try await plane.infer(model: "m", version: nil, request: request()).version == 1)
        }
        while recorder.observations.withLock({ $0.count }) < 40 { await Task.yield() }
        let shadows = recorder.observations.withLock { $0.filter { $0.role == .shadow } }
        #expect(shadows.count == 20)
        #expect(shadows.allSatisfy { $0.version == 2 && $0.failure == .internal })
    }

    @Test("too many requests at once are refused, and counted")
    func admission() async throws {
        var configuration = DataPlaneConfiguration()
        configuration.concurrencyMax = 0
        let plane = Self.makePlane(folder, recorder, sealer, configuration)
        try await plane.apply(snapshot([(1, "double", .champion, 10_000)]))
        let error = await #expect(throws: MartletError.self) {
            try await plane.infer(model: "m", version: nil, request: try request())
        }
        #expect(error?.code == .resourceExhausted)
        #expect(plane.counts.refused == 1)
    }

    private func plane(seconds: Double) -> DataPlane {
        var configuration = DataPlaneConfiguration()
        configuration.runThreads = 2
        configuration.runSecondsMax = seconds
        return Self.makePlane(folder, recorder, sealer, configuration)
    }

    @Test("a run ends at its deadline, also in a step that cannot be cut short", arguments: ["endless", "stubborn"])
    func deadline(kind: String) async throws {
        let plane = plane(seconds: 0.3)
        try await plane.apply(snapshot([(1, kind, .champion, 10_000)]))
        let start = ContinuousClock.now
        let error = await #expect(throws: MartletError.self) {
            try await plane.infer(model: "m", version: nil, request: try request())
        }
        #expect(error?.code == .deadlineExceeded)
        #expect(error?.message.contains("0.3 s") == true)
        #expect(ContinuousClock.now - start < .seconds(15))
    }

    @Test("however many runs of one model never end, another model answers")
    func starvation() async throws {
        let plane = plane(seconds: 60)
        try await plane.apply(snapshot([(1, "double", .champion, 10_000), (2, "endless", .candidate, 0)]))
        let asked = try request()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    do { _ = try await plane.infer(model: "m", version: 2, request: asked) } catch { return true }
                    return false
                }
            }
            for _ in 0..<10 {
                let start = ContinuousClock.now
                #expect(try await plane.infer(model: "m", version: nil, request: asked).version == 1)
                #expect(ContinuousClock.now - start < .seconds(30))
            }
            group.cancelAll()
            // A caller that goes away ends its run.
            for try await isEnded in group { #expect(isEnded) }
        }
    }

    @Test("runs of one model that wait are bounded, and those too many are refused")
    func waitingRuns() async throws {
        var configuration = DataPlaneConfiguration()
        configuration.runThreads = 1
        configuration.runsWaitingMax = 3
        configuration.runSecondsMax = 0.5
        let plane = Self.makePlane(folder, recorder, sealer, configuration)
        try await plane.apply(snapshot([(1, "endless", .champion, 10_000)]))
        let asked = try request()
        let codes = await withTaskGroup(of: MartletError.Code?.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    do { _ = try await plane.infer(model: "m", version: nil, request: asked) } catch {
                        return (error as? MartletError)?.code
                    }
                    return nil
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.allSatisfy { $0 == .deadlineExceeded || $0 == .resourceExhausted })
        #expect(codes.count { $0 == .resourceExhausted } >= 6)
    }

    @Test("values that the model refuses are the caller's fault, and not counted as an error of the server")
    func refusal() async throws {
        try await plane.apply(snapshot([(1, "refuse", .champion, 10_000)]))
        let error = await #expect(throws: MartletError.self) {
            try await plane.infer(model: "m", version: nil, request: try request([-1, 0]))
        }
        #expect(error?.code == .invalidArgument)
        let failures = recorder.observations.withLock { $0.map(\.failure) }
        #expect(failures == [.invalidArgument])
    }

    @Test("a candidate that refuses what the champion computes has failed; what both refuse is the caller's fault")
    func refusalOfCandidate() async throws {
        try await plane.apply(snapshot([(1, "double", .champion, 0), (2, "refuse", .candidate, 10_000)]))
        #expect(try await plane.infer(model: "m", version: nil, request: request([-1, 0])).version == 1)
        let seen = recorder.observations.withLock { $0.sorted { $0.version < $1.version } }
        #expect(seen.map(\.failure) == [nil, .internal])
        let both = Self.makePlane(folder + "/", recorder, sealer)
        recorder.observations.withLock { $0 = [] }
        try await both.apply(snapshot([(1, "refuse", .champion, 0), (2, "refuse", .candidate, 10_000)]))
        let error = await #expect(throws: MartletError.self) {
            try await both.infer(model: "m", version: nil, request: try request([-1, 0]))
        }
        #expect(error?.code == .invalidArgument)
        let failures = recorder.observations.withLock { $0.map(\.failure) }
        #expect(failures == [.invalidArgument, .invalidArgument])
    }

    @Test("a slow model answers all")
    func slow() async throws {
        try await plane.apply(snapshot([(1, "slow", .champion, 10_000)]))
        let plane = plane
        let asked = try request()
        let answers = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask { try await plane.infer(model: "m", version: nil, request: asked).version }
            }
            return try await group.reduce(0, +)
        }
        #expect(answers == 50)
    }

    @Test("a restart without the database serves by the snapshot on disk; an older snapshot changes nothing")
    func restart() async throws {
        try await plane.apply(snapshot([(1, "triple", .champion, 10_000)], generation: 7))
        try await plane.apply(snapshot([(1, "triple", .shadow, 0)], generation: 6))
        let again = Self.makePlane(folder, recorder, sealer)
        #expect(again.isReady == false)
        #expect(try await again.applyStored())
        #expect(again.isReady)
        #expect(try await again.infer(model: "m", version: nil, request: request()).outputs[0].tensor.number(0) == 3)
    }

    @Test("who names a version is answered and recorded, but is no evidence for or against it")
    func explicitVersion() async throws {
        try await plane.apply(
            snapshot([(1, "double", .champion, 5_000), (2, "double", .candidate, 5_000)]) { $0.record.mode = .all })
        for version in [1, 2] {
            let response = try await plane.infer(model: "m", version: version, request: request())
            #expect(response.version == version)
            #expect(try await recorder.record(response.predictionID) != nil)
        }
        #expect(recorder.observations.withLock { $0.isEmpty })
    }

    @Test("where all must be recorded, an answer that cannot be is withheld")
    func recordAll() async throws {
        try await plane.apply(snapshot([(1, "double", .champion, 10_000)]) { $0.record.mode = .all })
        let response = try await plane.infer(model: "m", version: nil, request: request())
        let record = try #require(try await recorder.record(response.predictionID))
        #expect(try TensorRecord.decode(record.input) == request().inputs)
        #expect(try TensorRecord.decode(record.output) == response.outputs)

        let failing = Self.makePlane(folder + "/", Recorder(isFailing: true), sealer)
        try await failing.apply(snapshot([(1, "double", .champion, 10_000)]) { $0.record.mode = .all })
        let error = await #expect(throws: MartletError.self) {
            try await failing.infer(model: "m", version: nil, request: try request())
        }
        #expect(error?.code == .unavailable)
    }
}
