import Domain
import Inference
import Synchronization
import Testing

@testable import Serving

@Suite("Answers that are kept")
struct AnswerCacheTests {
    private func tensors(_ values: [Double]) throws -> [Tensor] {
        [try Tensor(.fp64, shape: [values.count], elements: values)]
    }

    private func answer(_ value: Double) throws -> [NamedTensor] {
        [NamedTensor(name: "y", tensor: try Tensor(.fp64, shape: [1], elements: [value]))]
    }

    private func key(_ values: [Double], model: UInt64 = 1) throws -> AnswerCache.Key {
        AnswerCache.Key(model: model, inputs: try tensors(values))
    }

    @Test("an answer is that of the same model to the same bytes, and of no other")
    func exact() throws {
        let cache = AnswerCache(bytesMax: 1 << 20)
        try cache.keep(answer(7), for: key([0]))
        #expect(try cache.answer(to: key([0])) == answer(7))
        #expect(try cache.answer(to: key([0], model: 2)) == nil)
        #expect(try cache.answer(to: key([0, 0])) == nil)
        // Equal as a number, and not the same input.
        #expect(try cache.answer(to: key([-0.0])) == nil)
        let shaped = AnswerCache.Key(model: 1, inputs: [try Tensor(.fp64, shape: [1, 1], elements: [0.0])])
        #expect(cache.answer(to: shaped) == nil)
    }

    @Test("memory stays in the budget, what is used stays, and what is too large is not kept")
    func bounded() throws {
        let cache = AnswerCache(bytesMax: 64 << 10)
        try cache.keep(answer(-1), for: key([-1]))
        for number in 0..<10_000 {
            try cache.keep(answer(Double(number)), for: key([Double(number)]))
            #expect(try cache.answer(to: key([-1])) == answer(-1))
            #expect(cache.bytes <= 64 << 10)
        }
        #expect(try cache.answer(to: key([0])) == nil)
        #expect(try cache.answer(to: key([9_999])) == answer(9_999))
        try cache.keep(answer(1), for: key([Double](repeating: 1, count: 1000)))
        #expect(try cache.answer(to: key([Double](repeating: 1, count: 1000))) == nil)
    }

    @Test("a cached endpoint computes equal inputs once, and each answer has an id and statistics of its own")
    func served() async throws {
        let runtime = CountingRuntime()
        let fakes = try ServedFakes(runtime: runtime)
        try await fakes.serve([(1, "double", .champion, 10_000)]) {
            $0.serving = ServingLimits()
            $0.serving?.cache = true
        }
        var ids: Set<PredictionID> = []
        for _ in 0..<20 {
            let response = try await fakes.plane.infer(model: "m", version: nil, request: fakes.request(rows: 2))
            #expect(response.outputs[0].tensor.elements(as: Double.self) == [0, 4])
            ids.insert(response.predictionID)
        }
        #expect(ids.count == 20)
        #expect(runtime.runs.load(ordering: .relaxed) == 1)
        #expect(fakes.recorder.observations.withLock { $0.count } == 20)
        let statistics = try #require(try fakes.plane.statistics().first)
        #expect(statistics.inferenceCount == 40 && statistics.executionCount == 1)
        #expect(statistics.success.count == 20 && statistics.computeInfer.count == 1)
        #expect(statistics.cacheHit.count == 19 && statistics.cacheMiss.count == 1)
        _ = try await fakes.plane.infer(model: "m", version: nil, request: fakes.request(rows: 3))
        #expect(runtime.runs.load(ordering: .relaxed) == 2)
    }

    @Test("without that rule each request is computed, and the statistics say nothing of a cache")
    func notServed() async throws {
        let runtime = CountingRuntime()
        let fakes = try ServedFakes(runtime: runtime)
        try await fakes.serve([(1, "double", .champion, 10_000)])
        for _ in 0..<20 {
            _ = try await fakes.plane.infer(model: "m", version: nil, request: fakes.request(rows: 2))
        }
        #expect(runtime.runs.load(ordering: .relaxed) == 20)
        #expect(try fakes.plane.statistics().first?.cacheMiss.count == 0)
    }
}

/// Counts what the models of `FakeRuntime` run.
private final class CountingRuntime: Runtime {
    let runs = Atomic<Int>(0)
    var identity: String { "counting" }

    func load(path: String) throws(MartletError) -> any ExecutableModel {
        CountingModel(model: try FakeRuntime().load(path: path), runtime: self)
    }

    private struct CountingModel: ExecutableModel {
        let model: any ExecutableModel
        let runtime: CountingRuntime
        var metadata: ModelMetadata { model.metadata }
        var isWorkBoundByShapes: Bool { model.isWorkBoundByShapes }

        func run(_ inputs: [Tensor], outputs: [Int], stop: RunStop) throws(MartletError) -> [Tensor] {
            runtime.runs.wrappingAdd(1, ordering: .relaxed)
            return try model.run(inputs, outputs: outputs, stop: stop)
        }
    }
}
