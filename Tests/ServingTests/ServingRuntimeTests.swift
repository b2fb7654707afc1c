import Domain
import Inference
import Synchronization
import Testing

@testable import Serving

/// Models whose answers are those of `FakeModel`, until they are lost.
private struct WorkerRuntime: Runtime {
    struct Model: ExecutableModel {
        let fake: any ExecutableModel
        let isLost: Bool
        var metadata: ModelMetadata { fake.metadata }
        var runtimeIdentity: String? { "worker 2" }
        var isWorkBoundByShapes: Bool { false }

        func run(_ inputs: [Tensor], outputs: [Int], stop: RunStop) throws(MartletError) -> [Tensor] {
            if isLost { throw MartletError(.unavailable, "The worker was lost.") }
            return try fake.run(inputs, outputs: outputs, stop: stop)
        }
    }
    let identity = "workers"
    var isLosing = false

    func load(path: String) throws(MartletError) -> any ExecutableModel {
        Model(fake: try FakeRuntime().load(path: path), isLost: isLosing)
    }
}

@Suite("Versions that another runtime serves")
struct ServingRuntimeTests {
    @Test("the runtime is the version's; metadata and records name what has answered")
    func names() async throws {
        let fakes = try ServedFakes(python: WorkerRuntime())
        try await fakes.serve([(1, "double", .champion, 10_000)], runtime: .python) { $0.record.mode = .all }
        _ = try await fakes.plane.infer(model: "m", version: nil, request: fakes.request(rows: 1))
        #expect(fakes.recorder.records.withLock { $0.map(\.runtime) } == ["worker 2"])
        #expect(try fakes.plane.metadata(model: "m", version: 1).platform == "mlflow_pyfunc")
        let onnx = try ServedFakes(python: WorkerRuntime())
        try await onnx.serve([(1, "double", .champion, 10_000)]) { $0.record.mode = .all }
        _ = try await onnx.plane.infer(model: "m", version: nil, request: onnx.request(rows: 1))
        #expect(onnx.recorder.records.withLock { $0.map(\.runtime) } == ["fake 1"])
        #expect(try onnx.plane.metadata(model: "m", version: 1).platform == "onnx_onnxv1")
    }

    @Test("a worker lost again and again opens the circuit")
    func opensCircuit() async throws {
        let fakes = try ServedFakes(python: WorkerRuntime(isLosing: true))
        try await fakes.serve([(1, "double", .champion, 10_000)], runtime: .python) {
            $0.circuitBreaker = CircuitBreakerRule()
            $0.circuitBreaker?.consecutiveFailures = 2
        }
        var messages: [String] = []
        for _ in 0..<3 {
            let error = await #expect(throws: MartletError.self) {
                try await fakes.plane.infer(model: "m", version: nil, request: fakes.request(rows: 1))
            }
            #expect(error?.code == .unavailable)
            messages.append(error?.message ?? "")
        }
        #expect(messages[1].contains("lost") && messages[2].contains("rests"), "\(messages)")
    }

    @Test("without workers the version says so, and others are served")
    func withoutWorkers() async throws {
        let fakes = try ServedFakes()
        try await fakes.serve([(1, "double", .champion, 10_000)], runtime: .python)
        let error = await #expect(throws: MartletError.self) {
            try await fakes.plane.infer(model: "m", version: 1, request: fakes.request(rows: 1))
        }
        #expect(error?.code == .unavailable && error?.message.contains("no Python workers") == true)
    }
}
