import Domain
import Foundation
import Synchronization
import Testing

@testable import Serving

@Suite("A version that fails is left alone for a while")
struct CircuitBreakerTests {
    private let fakes: ServedFakes

    init() throws { fakes = try ServedFakes() }

    private func ask() async -> MartletError? {
        do {
            _ = try await fakes.plane.infer(model: "m", version: nil, request: fakes.request(rows: 1))
            return nil
        } catch { return error as? MartletError }
    }

    private func serve(_ kind: String, openSeconds: Double = 60, _ change: (inout Endpoint) -> Void = { _ in })
        async throws
    {
        try await fakes.serve([(1, kind, .champion, 10_000)]) { endpoint in
            endpoint.circuitBreaker = CircuitBreakerRule()
            endpoint.circuitBreaker?.openSeconds = openSeconds
            change(&endpoint)
        }
    }

    @Test("after ten failures requests are refused at once, with the time until the next try, and are its failures")
    func opens() async throws {
        try await serve("fail")
        for _ in 0..<10 { #expect(await ask()?.code == .internal) }
        let refused = await ask()
        #expect(refused?.code == .unavailable && refused?.cause is CircuitOpen)
        let wait = try #require(refused?.retryAfter)
        #expect(wait > .seconds(30) && wait <= .seconds(60))
        let statistics = try fakes.plane.statistics(model: "m", version: 1)[0]
        #expect(statistics.circuit == CircuitStatistics(state: .open, opened: 1, refused: 1))
        #expect(fakes.recorder.observations.withLock { $0.last?.failure } == .unavailable)
    }

    @Test("an open circuit is stood in for, and the answer says why")
    func fallback() async throws {
        try await serve("fail") {
            $0.fallback = FallbackPlan()
            $0.fallback?.rules = [FallbackRule(answer: [.init(output: "y", values: ["0"])])]
        }
        var reasons: [Fallback.Reason?] = []
        for _ in 0..<12 {
            reasons.append(
                try await fakes.plane.infer(model: "m", version: nil, request: fakes.request(rows: 1)).fallback?.reason)
        }
        #expect(reasons == .init(repeating: .modelFailure, count: 10) + [.circuitOpen, .circuitOpen])
    }

    @Test("neither refused values, nor answers out of bounds, nor impatient callers open it")
    func callers() async throws {
        try await serve("refuse") { $0.outputBounds = [OutputBound(output: "y", maximum: -1)] }
        var negative = try fakes.request(rows: 1)
        negative.inputs[0].tensor = try Tensor(.fp64, shape: [1, 2], elements: [-1.0, 0])
        for _ in 0..<30 {
            await #expect(throws: MartletError.self) {
                try await fakes.plane.infer(model: "m", version: nil, request: negative)
            }
            #expect(await ask()?.cause is BoundBreach)
        }
        try await serve("endless")
        for _ in 0..<15 {
            var hasty = try fakes.request(rows: 1)
            hasty.timeout = .milliseconds(1)
            let request = hasty
            await #expect(throws: MartletError.self) {
                try await fakes.plane.infer(model: "m", version: nil, request: request)
            }
        }
        #expect(try fakes.plane.statistics(model: "m", version: 1)[0].circuit.opened == 0)
    }

    @Test("it is the version's: the champion answers on while the candidate rests")
    func candidate() async throws {
        try await fakes.serve([(1, "double", .champion, 0), (2, "fail", .candidate, 10_000)])
        for _ in 0..<20 { #expect(await ask() == nil) }
        let all = try fakes.plane.statistics(model: "m")
        #expect(all.map(\.circuit.state) == [.closed, .open])
        // The rollout's guardrail must see that it answers nothing.
        let failures = fakes.recorder.observations.withLock { $0.filter { $0.version == 2 && $0.failure != nil }.count }
        #expect(failures == 20)
    }
}
