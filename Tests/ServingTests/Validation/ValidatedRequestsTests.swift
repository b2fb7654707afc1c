import Domain
import Synchronization
import Testing

@testable import Serving

@Suite("Requests whose values the policy looks at")
struct ValidatedRequestsTests {
    private let fakes: ServedFakes

    init() throws { fakes = try ServedFakes() }

    private static let columns = ["a", "b"].enumerated().map { index, name in
        FeatureColumn(name: name, input: "x", index: index, kind: .numeric)
    }

    private func serve(
        _ action: InputValidation.Action, shadow: Bool = false,
        _ change: (inout Endpoint) -> Void = { _ in }
    ) async throws {
        let rules = [FeatureRule(name: "a", action: action, missing: .reject, minimum: 0, maximum: 1)]
        var kinds: [(version: Int, kind: String, role: Variant.Role, weight: Int)] = [(1, "double", .champion, 10_000)]
        if shadow { kinds.append((2, "triple", .shadow, 0)) }
        try await fakes.serve(kinds, columns: Self.columns) { endpoint in
            endpoint.inputRules = kinds.map { VersionInputRules(version: $0.version, rules: rules) }
            change(&endpoint)
        }
    }

    private func ask(_ values: [Double]) async throws -> InferenceResponse {
        try await fakes.plane.infer(
            model: "m", version: nil,
            request: InferenceRequest(inputs: [
                NamedTensor(name: "x", tensor: try Tensor(.fp64, shape: [values.count / 2, 2], elements: values))
            ]))
    }

    @Test("a flagged value is computed as it is; the answer and the observation tell", arguments: [1, 12])
    func flagged(times: Int) async throws {
        try await serve(.flag)
        // After some runs answers are given at once, which must tell the same.
        for _ in 0..<times {
            let response = try await ask([7, 0])
            #expect(response.outputs[0].tensor.number(0) == 14)
            #expect(response.inputFlags.map(\.feature) == ["a"])
        }
        let seen = fakes.recorder.observations.withLock { $0 }
        #expect(seen.count == times && seen.allSatisfy { $0.inputFlags.map(\.outcome) == [.flagged] })
        #expect(try await ask([1, 0]).inputFlags == [])
    }

    @Test("a clipped value is computed as its bound and recorded so; the monitors see what was sent")
    func clipped() async throws {
        try await serve(.clip) { $0.record.mode = .all }
        let response = try await ask([7, 0])
        #expect(response.outputs[0].tensor.number(0) == 2)
        let record = try #require(fakes.recorder.records.withLock { $0.first })
        #expect(try TensorRecord.decode(record.input)[0].tensor.number(0) == 1)
        let seen = try #require(fakes.recorder.observations.withLock { $0.first })
        #expect(seen.feature(0) == .numeric([7]) && seen.inputFlags.map(\.outcome) == [.clipped])
    }

    @Test("a rejected value is the caller's fault: 422, and the observation tells which feature")
    func rejected() async throws {
        try await serve(.reject, shadow: true)
        for values in [[7.0, 0], [.nan, 0]] {
            let error = await #expect(throws: MartletError.self) { try await ask(values) }
            #expect(error?.code == .unprocessable && error?.code.httpStatus == 422)
        }
        let seen = fakes.recorder.observations.withLock { $0 }
        #expect(seen.map(\.failure) == [.unprocessable, .unprocessable])
        #expect(seen.flatMap(\.inputFlags).map(\.reason) == [.aboveMaximum, .missing])
    }

    @Test("copies in shadow are validated by the same rules")
    func shadow() async throws {
        try await serve(.clip, shadow: true)
        _ = try await ask([7, 0])
        while fakes.recorder.observations.withLock({ $0.count }) < 2 { await Task.yield() }
        let copy = try #require(fakes.recorder.observations.withLock { $0.first { $0.role == .shadow } })
        #expect(copy.predictions == .numeric([3]) && copy.inputFlags.map(\.outcome) == [.clipped])
    }
}
