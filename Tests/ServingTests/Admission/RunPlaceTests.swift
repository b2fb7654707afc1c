import Domain
import Foundation
import Inference
import Synchronization
import Testing

@testable import Serving

@Suite("Places among the runs that wait")
struct RunPlaceTests {
    private func place(_ key: String = "k", rank: Int = 5, concurrency: Int? = nil, waitingMax: Int? = nil) -> RunPlace
    {
        var place = RunPlace(model: key)
        (place.rank, place.concurrency, place.waitingMax) = (rank, concurrency, waitingMax)
        return place
    }

    /// Which runs have been made, in their order.
    private final class Order: Sendable {
        let runs = Mutex<[Int]>([])
    }

    /// Holds a run until it is told to end.
    private final class Gate: Sendable {
        private let isOpen = Atomic(false)
        let entered = Atomic(0)
        func pass() {
            entered.wrappingAdd(1, ordering: .relaxed)
            while !isOpen.load(ordering: .acquiring) { usleep(500) }
        }
        func open() { isOpen.store(true, ordering: .releasing) }
    }

    @Test("of those that wait the smallest rank runs first, equal ones as they came")
    func order() async throws {
        var limits = ModelRunner.Limits(threads: 1, waitingMax: 16, seconds: 60, slowMax: 0)
        limits.patience = .seconds(3600)
        let runner = ModelRunner(limits)
        let gate = Gate()
        let order = Order()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await runner.run(place()) { _ in gate.pass() } }
            while gate.entered.load(ordering: .relaxed) == 0 { await Task.yield() }
            for (index, rank) in [5, 9, 1, 5, 1].enumerated() {
                group.addTask {
                    try await runner.run(place(rank: rank)) { _ in order.runs.withLock { $0.append(index) } }
                }
                while runner.waitingCount <= index { await Task.yield() }
            }
            gate.open()
            try await group.waitForAll()
        }
        #expect(order.runs.withLock { $0 } == [2, 4, 0, 3, 1])
    }

    @Test("whoever has waited for long goes before smaller ranks")
    func patience() async throws {
        var limits = ModelRunner.Limits(threads: 1, waitingMax: 16, seconds: 60, slowMax: 0)
        limits.patience = .zero
        let runner = ModelRunner(limits)
        let gate = Gate()
        let order = Order()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await runner.run(place()) { _ in gate.pass() } }
            while gate.entered.load(ordering: .relaxed) == 0 { await Task.yield() }
            group.addTask { try await runner.run(place(rank: 9)) { _ in order.runs.withLock { $0.append(9) } } }
            while runner.waitingCount < 1 { await Task.yield() }
            group.addTask { try await runner.run(place(rank: 1)) { _ in order.runs.withLock { $0.append(1) } } }
            while runner.waitingCount < 2 { await Task.yield() }
            gate.open()
            try await group.waitForAll()
        }
        #expect(order.runs.withLock { $0 } == [9, 1])
    }

    @Test("an endpoint's own bounds: so many runs at a time, so many that wait, and the next is refused")
    func bounds() async throws {
        let runner = ModelRunner(.init(threads: 8, waitingMax: 256, seconds: 60))
        let gate = Gate()
        try await withThrowingTaskGroup(of: MartletError.Code?.self) { group in
            for _ in 0..<5 {
                group.addTask {
                    do {
                        try await runner.run(place(concurrency: 2, waitingMax: 1)) { _ in gate.pass() }
                        return nil
                    } catch { return (error as? MartletError)?.code }
                }
            }
            var refused = 0
            for _ in 0..<2 where try await group.next() == .resourceExhausted { refused += 1 }
            #expect(refused == 2)
            // Another endpoint is not held up.
            try await runner.run(place("other")) { _ in }
            #expect(gate.entered.load(ordering: .relaxed) <= 2)
            gate.open()
            for try await code in group { #expect(code == nil) }
        }
    }

    @Test("a queue of none still lets run what can run at once")
    func noQueue() async throws {
        let runner = ModelRunner(.init(threads: 2, waitingMax: 256, seconds: 60))
        for _ in 0..<2_000 { try await runner.run(place(concurrency: 1, waitingMax: 0)) { _ in } }
    }

    @Test("what was loaded twice shares no run: the configuration or the weights beside the file may differ")
    func loads() throws {
        let version = ServableVersion(
            id: ModelVersionID(model: "m", version: 1), path: "", digest: "d", columns: [], predictionOutput: "y")
        let one = LoadedModel(version: version, model: FakeModel(kind: "double"), runtime: "fake 1")
        let other = LoadedModel(version: version, model: FakeModel(kind: "triple"), runtime: "fake 1")
        #expect(RunPlace(model: one.runKey).key != RunPlace(model: other.runKey).key)
    }

    @Test("a model that answers with very many rows of nothing has failed, and holds nobody up")
    func nothing() async throws {
        let fakes = try ServedFakes()
        try await fakes.serve([(1, "nothing", .champion, 10_000)])
        var request = try fakes.request(rows: 1)
        request.classifications = ["y": 3]
        let error = await #expect(throws: MartletError.self) {
            try await fakes.plane.infer(model: "m", version: nil, request: request)
        }
        #expect(error?.code == .internal && error?.message.contains("holds nothing") == true)
    }

    @Test("a request's priority is its rank: 1 the first, 0 the default, what is too large the last")
    func ranks() throws {
        let fakes = try ServedFakes()
        for (priority, rank) in [(0, 5), (1, 1), (5, 5), (9, 9), (4_000_000_000, 9)] {
            var request = try fakes.request(rows: 1)
            request.priority = priority
            let model = LoadedModel(
                version: ServableVersion(
                    id: ModelVersionID(model: "m", version: 1), path: "", digest: "d", columns: [],
                    predictionOutput: "y"),
                model: FakeModel(kind: "double"), runtime: "fake 1")
            var endpoint = Endpoint(id: 1, name: "m", variants: [], updatedAt: Timestamp(milliseconds: 0))
            var call = Call(
                endpoint: ServedEndpoint(endpoint, models: [:]), name: "m", model: model, role: nil, request: request,
                start: .now)
            #expect(call.place.rank == rank && call.place.key == model.runKey && !call.isConcurrencyBound)
            endpoint.serving = ServingLimits()
            endpoint.serving?.concurrency = 1
            call = Call(
                endpoint: ServedEndpoint(endpoint, models: [:]), name: "m", model: model, role: nil, request: request,
                start: .now)
            #expect(call.place.key == "endpoint/m" && call.place.concurrency == 1 && call.isConcurrencyBound)
        }
    }
}
