import Domain
import Testing

@testable import Serving

@Suite("Bounds of outputs")
struct OutputBoundsTests {
    private func violation(_ bound: OutputBound, _ values: [Double]) throws -> String? {
        OutputCheck.violation(
            of: [bound],
            in: [NamedTensor(name: "y", tensor: try Tensor(.fp64, shape: [values.count], elements: values))])
    }

    @Test("NaN breaks every bound on numbers, an infinity one that asks for finite values")
    func finite() throws {
        #expect(try violation(OutputBound(output: "y", minimum: 0), [1, .nan]) != nil)
        #expect(try violation(OutputBound(output: "y", maxChange: 1), [.nan]) != nil)
        #expect(try violation(OutputBound(output: "y", minimum: 0), [.infinity]) == nil)
        #expect(try violation(OutputBound(output: "y", finite: true), [.infinity])?.contains("not finite") == true)
        #expect(try violation(OutputBound(output: "y", finite: true), [.nan]) != nil)
        #expect(try violation(OutputBound(output: "y", finite: true), [1e300, -0.0]) == nil)
        #expect(try violation(OutputBound(output: "y", finite: false), [.nan]) == nil)
    }

    @Test("a key's answer that changes too much is held back once; other keys, and none, are not compared")
    func jump() async throws {
        let fakes = try ServedFakes()
        try await fakes.serve([(1, "double", .champion, 10_000)]) {
            $0.outputBounds = [OutputBound(output: "y", maxChange: 5)]
        }
        func ask(_ value: Double, _ key: String?) async throws -> Double? {
            try await fakes.plane.infer(
                model: "m", version: nil,
                request: InferenceRequest(
                    businessKey: key,
                    inputs: [NamedTensor(name: "x", tensor: try Tensor(.fp64, shape: [1, 2], elements: [value, 0]))])
            ).outputs[0].tensor.number(0)
        }
        #expect(try await ask(1, "pump 1") == 2)
        #expect(try await ask(3, "pump 1") == 6)
        let error = await #expect(throws: MartletError.self) { try await ask(6, "pump 1") }
        #expect(error?.message.contains("from 6.0 to 12.0") == true)
        #expect(try await ask(50, "pump 2") == 100)
        #expect(try await ask(9, nil) == 18)
        // A level that stays is a level.
        #expect(try await ask(6, "pump 1") == 12)
        #expect(try await ask(7, "pump 1") == 14)
    }

    @Test("a candidate is compared with what was answered, again and again, and the champion stands in for it")
    func candidate() async throws {
        let fakes = try ServedFakes()
        func serve(_ candidateWeight: Int) async throws {
            try await fakes.serve([
                (1, "double", .champion, 10_000 - candidateWeight), (2, "triple", .candidate, candidateWeight),
            ]) {
                $0.outputBounds = [OutputBound(output: "y", maxChange: 3)]
            }
        }
        func ask() async throws -> Int {
            var request = try fakes.request(rows: 1)
            request.inputs[0].tensor = try Tensor(.fp64, shape: [1, 2], elements: [10.0, 0])
            request.businessKey = "k"
            return try await fakes.plane.infer(model: "m", version: nil, request: request).version
        }
        try await serve(0)
        #expect(try await ask() == 1)
        try await serve(10_000)
        for _ in 0..<3 { #expect(try await ask() == 1) }
        #expect(fakes.plane.counts.boundViolations == 3)
    }

    @Test("the memory is bounded: the key asked for longest ago gives way")
    func memory() {
        let memory = ChangeMemory(keysMax: 3)
        func key(_ number: Int) -> ChangeMemory.Key { .init(endpoint: 1, businessKey: "\(number)") }
        for number in 1...3 { memory.remember(key(number), [[Double(number)]]) }
        #expect(memory.values(key(1)) == [[1]])
        memory.remember(key(4), [[4]])
        #expect(memory.values(key(2)) == nil)
        #expect([1, 3, 4].map { memory.values(key($0)) } == [[[1]], [[3]], [[4]]])
        memory.forget(key(3))
        #expect(memory.values(key(3)) == nil)
        memory.remember(key(3), [[33]])
        memory.remember(key(5), [[5]])
        #expect(memory.values(key(1)) == nil)
        #expect(memory.values(key(3)) == [[33]])
    }
}
