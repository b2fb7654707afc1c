import Domain
import Testing

@testable import Serving

@Suite("Runs that requests share")
struct SharedRunTests {
    private let house: ServedFakes

    init() throws {
        // Other tests may hold these up for long.
        var configuration = DataPlaneConfiguration()
        configuration.runSecondsMax = 300
        house = try ServedFakes(configuration)
    }

    private func serve(_ kind: String, _ rule: BatchingRule? = BatchingRule(maxRows: 64)) async throws {
        try await house.serve([(1, kind, .champion, 10_000)]) { $0.batching = rule }
    }

    private func request(_ first: Double, rows: Int = 1) throws -> InferenceRequest {
        let values = (0..<(2 * rows)).map { $0.isMultiple(of: 2) ? first + Double($0 / 2) : 0 }
        return InferenceRequest(
            inputs: [NamedTensor(name: "x", tensor: try Tensor(.fp64, shape: [rows, 2], elements: values))])
    }

    private func statistics() throws -> ServedModelStatistics {
        try #require(try house.plane.statistics(model: "m", version: 1).first)
    }

    /// Answers of many requests at a time, by the number that each began with.
    private func ask(_ numbers: [Int], rows: (Int) -> Int = { _ in 1 }) async throws -> [Int: [Double]] {
        try await withThrowingTaskGroup(of: (Int, [Double]).self) { group in
            for number in numbers {
                let request = try request(Double(number * 100), rows: rows(number))
                group.addTask {
                    let response = try await house.plane.infer(model: "m", version: nil, request: request)
                    return (number, response.outputs[0].tensor.elements(as: Double.self))
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    @Test("each has its own rows of the answer, in fewer runs than there are requests")
    func shared() async throws {
        try await serve("slow")
        let numbers = Array(1...200)
        let answers = try await ask(numbers) { $0 % 3 + 1 }
        for number in numbers {
            #expect(answers[number] == (0...(number % 3)).map { 2 * Double(number * 100 + $0) })
        }
        let statistics = try statistics()
        #expect(statistics.inferenceCount == numbers.reduce(0) { $0 + $1 % 3 + 1 })
        #expect(statistics.success.count == 200)
        #expect(statistics.executionCount < 100)
        #expect(statistics.batches.allSatisfy { $0.rows <= 64 })
        #expect(statistics.batches.reduce(0) { $0 + $1.computeInfer.count } == statistics.executionCount)
    }

    @Test("a run waits for more rows as long as the rule says, and no longer once it has them")
    func delay() async throws {
        try await serve("double", BatchingRule(maxRows: 8, maxDelay: .seconds(200), preferredRows: [4, 100]))
        let start = ContinuousClock.now
        #expect(try await ask([1, 2, 3, 4]).count == 4)
        #expect(ContinuousClock.now - start < .seconds(200))
        #expect(try statistics().executionCount == 1)
    }

    @Test("a run that gets no more rows begins when it has waited as long as the rule says")
    func alone() async throws {
        try await serve("double", BatchingRule(maxRows: 8, maxDelay: .milliseconds(300)))
        let start = ContinuousClock.now
        #expect(try await ask([5]) == [5: [1000]])
        #expect(ContinuousClock.now - start >= .milliseconds(300))
    }

    @Test("values that the model refuses spoil no other request of the run")
    func refusal() async throws {
        try await serve("refuse", BatchingRule(maxRows: 8, maxDelay: .milliseconds(300)))
        async let good = ask([1, 2, 3])
        let bad = try request(-1)
        await #expect(throws: MartletError.self) {
            _ = try await house.plane.infer(model: "m", version: nil, request: bad)
        }
        #expect(try await good.count == 3)
    }

    @Test("requests of other shapes, and those that fill a run by themselves, are computed apart")
    func apart() async throws {
        try await serve("double", BatchingRule(maxRows: 3))
        #expect(try await ask([1, 2, 3, 4]) { $0 * 2 }.values.map(\.count).sorted() == [2, 4, 6, 8])
    }

    @Test("each keeps its own deadline, and the run ends when nobody waits for it any more")
    func deadlines() async throws {
        try await serve("endless", BatchingRule(maxRows: 8, maxDelay: .milliseconds(50)))
        let start = ContinuousClock.now
        await withTaskGroup(of: MartletError.Code?.self) { group in
            for milliseconds in [150, 250, 400] {
                group.addTask {
                    do {
                        var asked = try request(1)
                        asked.timeout = .milliseconds(milliseconds)
                        _ = try await house.plane.infer(model: "m", version: nil, request: asked)
                        return nil
                    } catch {
                        return (error as? MartletError)?.code
                    }
                }
            }
            for await code in group { #expect(code == .deadlineExceeded) }
        }
        // Far from what a run may take.
        #expect(ContinuousClock.now - start < .seconds(200))
        // The thread is free again.
        try await house.serve([(1, "endless", .champion, 10_000), (2, "double", .candidate, 0)])
        #expect(
            try await house.plane.infer(model: "m", version: 2, request: try request(4)).outputs[0].tensor
                .elements(as: Double.self) == [8])
    }

    @Test("rows of every datatype are joined and split again")
    func tensors() throws {
        let texts = [
            try Tensor(shape: [1, 2], strings: ["a", ""]), try Tensor(shape: [2, 2], strings: ["é", "b", "c", "dd"]),
        ]
        let numbers = [
            try Tensor(.int64, shape: [1], elements: [Int64(1)]),
            try Tensor(.int64, shape: [2], elements: [Int64(2), 3]),
        ]
        let joined = try TensorRows.joined([[texts[0], numbers[0]], [texts[1], numbers[1]]])
        #expect(joined[0].shape == [3, 2] && joined[1].elements(as: Int64.self) == [1, 2, 3])
        let named = [NamedTensor(name: "t", tensor: joined[0]), NamedTensor(name: "n", tensor: joined[1])]
        let parts = try TensorRows.split(named, rows: [1, 2])
        #expect(parts.map { $0[0].tensor } == texts)
        #expect(parts.map { $0[1].tensor } == numbers)
        #expect(throws: MartletError.self) { try TensorRows.split(named, rows: [1, 1]) }
    }
}
