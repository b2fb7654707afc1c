import Domain
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Serving

@Suite("Statistics, deadlines and classes of the data plane")
struct ModelCallsTests {
    private let served = try? ServedFakes()

    @Test("statistics count answers and failures, rows and runs, and times that add up")
    func statistics() async throws {
        let served = try #require(served)
        try await served.serve([(1, "double", .champion, 10_000), (2, "fail", .candidate, 0)])
        for rows in [1, 3, 3] {
            _ = try await served.plane.infer(model: "m", version: nil, request: served.request(rows: rows))
        }
        for _ in 0..<2 {
            await #expect(throws: MartletError.self) {
                try await served.plane.infer(model: "m", version: 2, request: served.request(rows: 1))
            }
        }
        let all = try served.plane.statistics()
        #expect(all.map(\.id.version) == [1, 2])
        let one = all[0]
        #expect(one.inferenceCount == 7 && one.executionCount == 3)
        #expect(one.success.count == 3 && one.failure.count == 0 && one.lastInference != nil)
        #expect([one.queue, one.computeInput, one.computeInfer, one.computeOutput].allSatisfy { $0.count == 3 })
        let parts = [one.queue, one.computeInput, one.computeInfer, one.computeOutput].map(\.nanoseconds).reduce(0, +)
        #expect(parts <= one.success.nanoseconds)
        #expect(one.batches.map(\.rows) == [1, 3] && one.batches.map(\.computeInfer.count) == [1, 2])
        #expect(one.batches.map(\.computeInfer.nanoseconds).reduce(0, +) == one.computeInfer.nanoseconds)
        #expect(all[1].failure.count == 2 && all[1].success.count == 0 && all[1].lastInference == nil)
        #expect(try served.plane.statistics(model: "m", version: 2) == [all[1]])
        #expect(try served.plane.statistics(model: "m") == all)
        for (model, version) in [("n", nil), ("m", 9)] as [(String, Int?)] {
            let error = #expect(throws: MartletError.self) {
                try served.plane.statistics(model: model, version: version)
            }
            #expect(error?.code == .notFound)
        }
    }

    @Test("sizes beyond the bound count in the totals alone")
    func manySizes() {
        let tally = ModelTally(ModelVersionID(model: "m", version: 1))
        let times = ModelTally.Times(total: 5, queue: 1, input: 1, infer: 2, output: 1)
        for rows in 1...1000 { tally.countAnswer(rows: rows, rowsOfRun: rows, times, at: Timestamp(milliseconds: 1)) }
        #expect(tally.statistics.batches.count == ServedModelStatistics.batchSizesMax)
        #expect(tally.statistics.executionCount == 1000)
    }

    @Test("a caller's timeout ends the call, and says whose it was", arguments: ["endless", "slow"])
    func timeout(kind: String) async throws {
        let served = try #require(served)
        try await served.serve([(1, kind, .champion, 10_000)])
        var asked = try served.request(rows: 1)
        asked.timeout = kind == "slow" ? .nanoseconds(1) : .milliseconds(150)
        let start = ContinuousClock.now
        let error = await #expect(throws: MartletError.self) {
            try await served.plane.infer(model: "m", version: nil, request: asked)
        }
        #expect(error?.code == .deadlineExceeded && error?.message.contains("own timeout") == true)
        #expect(ContinuousClock.now - start < .seconds(8))
        // What was given no time is no failure of the version; what took long is.
        let failures = served.recorder.observations.withLock { $0.map(\.failure) }
        #expect(failures == (kind == "slow" ? [] : [.deadlineExceeded]))
    }

    @Test("a timeout that is not reached changes nothing, and a candidate's callers in a hurry cause no fallback")
    func patience() async throws {
        let served = try #require(served)
        try await served.serve([(1, "double", .champion, 0), (2, "double", .candidate, 10_000)])
        var asked = try served.request(rows: 1)
        asked.timeout = .seconds(5)
        #expect(try await served.plane.infer(model: "m", version: nil, request: asked).version == 2)
        asked.timeout = .nanoseconds(1)
        await #expect(throws: MartletError.self) {
            try await served.plane.infer(model: "m", version: nil, request: asked)
        }
        #expect(served.plane.counts.fallbacks == 0)
        #expect(served.recorder.observations.withLock { $0.compactMap(\.failure) }.isEmpty)
    }

    @Test("the repository tells what is ready and why the rest is not; nothing is loaded or unloaded by a call")
    func repository() async throws {
        let served = try #require(served)
        try await served.serve([(1, "double", .champion, 10_000), (2, "broken", .candidate, 0)])
        #expect(served.plane.repository.map(\.id.version) == [1, 2])
        #expect(served.plane.repository.map(\.isReady) == [true, false])
        #expect(served.plane.repository[1].reason == "It is broken.")
        try served.plane.load("m")
        let unknown = #expect(throws: MartletError.self) { try served.plane.load("n") }
        #expect(unknown?.code == .notFound)
        let overrides = #expect(throws: MartletError.self) {
            try served.plane.load("m", ModelLoadOverrides(configuration: "{}"))
        }
        #expect(overrides?.code == .unimplemented)
        let refused = #expect(throws: MartletError.self) { try served.plane.unload("m") }
        #expect(refused?.code == .failedPrecondition && refused?.message.contains("champion: version 1") == true)
        let absent = #expect(throws: MartletError.self) { try served.plane.unload("n") }
        #expect(absent?.code == .notFound)
    }

    // MARK: classes

    private func top(
        _ k: Int, _ tensor: Tensor, _ shape: [Int], labels: [String] = []
    ) throws -> (shape: [Int], strings: [String]) {
        let classes = try Classification.top(
            k, of: NamedTensor(name: "y", tensor: tensor),
            spec: TensorSpec(name: "y", datatype: tensor.datatype, shape: shape), labels: labels)
        return (classes.tensor.shape, (0..<classes.tensor.elementCount).map { classes.tensor.string($0) })
    }

    @Test("classes are the largest values of each row with their places and labels")
    func classes() throws {
        let scores = try Tensor(.fp32, shape: [2, 3], elements: [Float(0.1), 0.7, 0.2, .nan, 0.5, 0.5])
        #expect(try top(2, scores, [-1, 3]).strings == ["0.7:1", "0.2:2", "0.5:1", "0.5:2"])
        #expect(try top(2, scores, [-1, 3]).shape == [2, 2])
        #expect(try top(9, scores, [-1, 3]).shape == [2, 3])
        #expect(try top(9, scores, [-1, 3]).strings.last == "nan:0")
        #expect(
            try top(1, scores, [-1, 3], labels: ["a", "b", "c"]).strings == ["0.7:1:b", "0.5:1:b"])
        #expect(try top(1, scores, [-1, 3], labels: ["a", "b"]).strings == ["0.7:1", "0.5:1"])
        // Nothing in more rows than anybody can go through.
        let nothing = try Tensor(.fp32, shape: [1 << 40, 0], elements: [Float]())
        #expect(try top(2, nothing, [-1, -1]).shape == [1 << 40, 0])
        let flat = try Tensor(.int64, shape: [3], elements: [Int64(4), 9, -1])
        #expect(try top(2, flat, [3]).strings == ["9:1", "4:0"] && top(2, flat, [3]).shape == [2])
        #expect(try top(2, flat, [-1]).strings == ["4:0", "9:0", "-1:0"] && top(2, flat, [-1]).shape == [3, 1])
        #expect(throws: MartletError.self) { try top(1, Tensor(shape: [1], strings: ["a"]), [-1]) }
    }

    @Test("an output that was asked for as classes is answered so, and recorded as it was")
    func classification() async throws {
        let served = try #require(served)
        try await served.serve([(1, "double", .champion, 10_000)]) { $0.record.mode = .all }
        var asked = try served.request(rows: 2)
        asked.classifications = ["y": 1]
        let response = try await served.plane.infer(model: "m", version: nil, request: asked)
        #expect(response.outputs[0].tensor.datatype == .bytes && response.outputs[0].tensor.shape == [2, 1])
        let record = try #require(served.recorder.records.withLock { $0.first })
        #expect(try TensorRecord.decode(record.output)[0].tensor.datatype == .fp64)
    }
}
