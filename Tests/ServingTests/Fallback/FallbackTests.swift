import Domain
import Synchronization
import Testing

@testable import Serving

@Suite("What answers where a model does not")
struct FallbackTests {
    private let fakes: ServedFakes

    init() throws { fakes = try ServedFakes() }

    private static let columns = ["a", "b"].enumerated().map { index, name in
        FeatureColumn(name: name, input: "x", index: index, kind: .numeric)
    }
    private static let constant = [FallbackRule(answer: [.init(output: "y", values: ["-1"])])]

    /// - Parameter previous: what the champion before is, as version 9.
    private func serve(
        _ kinds: [(version: Int, kind: String, role: Variant.Role, weight: Int)], previous: String? = nil,
        rules: [FallbackRule] = [], _ change: (inout Endpoint) -> Void = { _ in }
    ) async throws {
        try await fakes.serve(kinds, columns: Self.columns, beside: previous.map { [(9, $0)] } ?? []) { endpoint in
            endpoint.previousChampion = previous == nil ? nil : 9
            endpoint.fallback = FallbackPlan()
            endpoint.fallback?.usesPrevious = true
            endpoint.fallback?.rules = rules
            change(&endpoint)
        }
    }

    private func ask(_ values: [Double] = [1, 2], _ change: (inout InferenceRequest) -> Void = { _ in }) async throws
        -> InferenceResponse
    {
        var request = InferenceRequest(inputs: [
            NamedTensor(name: "x", tensor: try Tensor(.fp64, shape: [values.count / 2, 2], elements: values))
        ])
        change(&request)
        return try await fakes.plane.infer(model: "m", version: nil, request: request)
    }

    @Test("candidate, champion, the champion before, the rule: each where those before it fail")
    func chain() async throws {
        let candidate = (version: 2, kind: "fail", role: Variant.Role.candidate, weight: 10_000)
        try await serve([(1, "double", .champion, 0), candidate], previous: "triple", rules: Self.constant)
        #expect(try await ask().fallback == Fallback(reason: .modelFailure, servedBy: .champion))
        try await serve([(1, "fail", .champion, 0), candidate], previous: "triple", rules: Self.constant)
        let previous = try await ask()
        #expect(previous.fallback == Fallback(reason: .modelFailure, servedBy: .previous) && previous.version == 9)
        #expect(previous.outputs[0].tensor.number(0) == 3)
        try await serve([(1, "fail", .champion, 0), candidate], previous: "fail", rules: Self.constant)
        let rule = try await ask()
        #expect(rule.fallback == Fallback(reason: .modelFailure, servedBy: .rule) && rule.version == 0)
        #expect(rule.outputs[0].tensor.elements(as: Double.self) == [-1])
        try await serve([(1, "fail", .champion, 0), candidate], previous: "fail")
        let error = await #expect(throws: MartletError.self) { try await ask() }
        #expect(error?.code == .internal)
        #expect(fakes.plane.counts.fallbacksBy == [.champion: 1, .previous: 1, .rule: 1])
    }

    @Test("a champion alone is stood in for too, also where it is not loaded; its failure is observed once a request")
    func champion() async throws {
        for (kind, reason) in [("fail", Fallback.Reason.modelFailure), ("broken", .unavailable)] {
            fakes.recorder.observations.withLock { $0 = [] }
            try await serve([(1, kind, .champion, 10_000)], previous: "double")
            // One fewer than open the circuit.
            for _ in 0..<9 {
                #expect(try await ask().fallback == Fallback(reason: reason, servedBy: .previous))
            }
            let failures = fakes.recorder.observations.withLock { $0.map(\.failure) }
            #expect(failures == (kind == "fail" ? .init(repeating: .internal, count: 9) : []))
        }
    }

    @Test("an answer that breaks an output bound is replaced, and says so")
    func bound() async throws {
        try await serve([(1, "triple", .champion, 10_000)], previous: "double", rules: Self.constant) {
            $0.outputBounds = [OutputBound(output: "y", maximum: 10)]
        }
        #expect(try await ask([3, 0]).fallback == nil)
        #expect(try await ask([4, 0]).fallback == Fallback(reason: .outputBound, servedBy: .previous))
        #expect(try await ask([6, 0]).fallback == Fallback(reason: .outputBound, servedBy: .rule))
    }

    @Test(
        "at the server's deadline and at the caller's, the rule answers; the caller's leaves no time for another model")
    func deadline() async throws {
        var configuration = DataPlaneConfiguration()
        configuration.runSecondsMax = 0.2
        let fakes = try ServedFakes(configuration)
        try await fakes.serve([(1, "endless", .champion, 10_000)], beside: [(9, "double")]) { endpoint in
            endpoint.previousChampion = 9
            endpoint.fallback = FallbackPlan()
            endpoint.fallback?.usesPrevious = true
            endpoint.fallback?.rules = Self.constant
        }
        var request = try fakes.request(rows: 1)
        let servers = try await fakes.plane.infer(model: "m", version: nil, request: request)
        #expect(servers.fallback == Fallback(reason: .deadline, servedBy: .previous))
        request.timeout = .milliseconds(20)
        let callers = try await fakes.plane.infer(model: "m", version: nil, request: request)
        #expect(callers.fallback == Fallback(reason: .deadline, servedBy: .rule))
    }

    @Test("what is the caller's fault, and who names a version, is not stood in for")
    func callersFault() async throws {
        try await serve([(1, "refuse", .champion, 10_000)], previous: "double", rules: Self.constant)
        let refusal = await #expect(throws: MartletError.self) { try await ask([-1, 0]) }
        #expect(refusal?.code == .invalidArgument)
        try await serve([(1, "fail", .champion, 10_000)], previous: "double", rules: Self.constant)
        let named = await #expect(throws: MartletError.self) {
            try await fakes.plane.infer(model: "m", version: 1, request: try fakes.request(rows: 1))
        }
        #expect(named?.code == .internal)
    }

    @Test("each row has the first rule that it meets; the datatype is the model's")
    func rules() async throws {
        let rules = [
            FallbackRule(
                when: .init(feature: "a", atLeast: 0, atMost: 5), answer: [.init(output: "y", values: ["1.5"])]),
            FallbackRule(when: .init(feature: "b", isOneOf: ["7"]), answer: [.init(output: "y", values: ["2"])]),
            FallbackRule(answer: [.init(output: "y", values: ["3"])]),
        ]
        try await serve([(1, "fail", .champion, 10_000)], rules: rules)
        let response = try await ask([5, 0, 6, 7, .nan, 7, 6, 6])
        #expect(response.outputs[0].tensor.elements(as: Double.self) == [1.5, 2, 2, 3])
    }

    @Test("a rule that cannot answer says why, beside why the model could not")
    func unusableRule() async throws {
        let cases: [([FallbackRule], String)] = [
            ([FallbackRule(answer: [.init(output: "y", values: ["high"])])], "\"high\" is no such value"),
            (
                [FallbackRule(when: .init(feature: "a", atLeast: 9), answer: [.init(output: "y", values: ["1"])])],
                "Row 0 meets none"
            ),
            ([FallbackRule(answer: [.init(output: "z", values: ["1"])])], "none of the outputs that were asked for"),
        ]
        for (rules, words) in cases {
            try await serve([(1, "fail", .champion, 10_000)], rules: rules)
            let error = await #expect(throws: MartletError.self) { try await ask { $0.outputs = ["y"] } }
            #expect(error?.code == .internal && error?.message.contains("It failed.") == true)
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }

    @Test("what a rule has answered is recorded where all is, and there is nothing to compute again")
    func record() async throws {
        try await serve([(1, "fail", .champion, 10_000)], rules: Self.constant) { $0.record.mode = .all }
        let response = try await ask()
        let record = try #require(fakes.recorder.records.withLock { $0.first })
        #expect(record.version == 0 && record.id == response.predictionID)
        #expect(try TensorRecord.decode(record.output) == response.outputs)
        let replayer = PredictionReplayer(plane: fakes.plane, preparations: NoPreparations())
        let error = await #expect(throws: MartletError.self) { try await replayer.replay(response.predictionID) }
        #expect(error?.code == .failedPrecondition)
    }
}

private struct NoPreparations: VersionPreparationStore {
    func preparation(_ version: ModelVersionID) async throws -> VersionPreparation? { nil }
    func save(_ preparation: VersionPreparation) async throws {}
    func unprepared() async throws -> [ModelVersionID] { [] }
}
