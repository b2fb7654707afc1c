public import Domain
internal import Foundation
internal import Inference

/// Measures a version through the data plane's own code, in this process: everything but the network.
public struct DataPlaneProbe: PerformanceProbe {
    let plane: DataPlane
    let preparations: any VersionPreparationStore
    let codec: InferenceCodec

    /// Requests before the clock starts, so that caches and the runtime's first allocations do not count.
    static let warmUpRequests = 50
    /// A measurement is no longer than this, whatever is asked.
    static let secondsMax = 60.0
    /// Latencies kept, to bound memory.
    static let requestsMax = 2_000_000

    public init(plane: DataPlane, preparations: any VersionPreparationStore, codec: InferenceCodec) {
        self.plane = plane
        self.preparations = preparations
        self.codec = codec
    }

    public func measure(_ version: ModelVersionID, seconds: Double) async throws -> PerformanceMeasurement {
        let model = try await plane.loadedModel(version, preparations: preparations)
        let body = try await goldenBody(version)
        for _ in 0..<Self.warmUpRequests { _ = try await repeatOnce(model, body) }
        let start = ContinuousClock.now
        let processorStart = Self.processorSeconds(model)
        let end = start + .seconds(min(max(seconds, 0.1), Self.secondsMax))
        var latencies: [Int64] = []
        while ContinuousClock.now < end, latencies.count < Self.requestsMax {
            let before = ContinuousClock.now
            _ = try await repeatOnce(model, body)
            latencies.append((ContinuousClock.now - before).nanoseconds)
        }
        let elapsed = Double((ContinuousClock.now - start).nanoseconds) / 1e9
        // A worker that was lost meanwhile has taken its time with it.
        let processor = max(0, Self.processorSeconds(model) - processorStart)
        latencies.sort()
        return PerformanceMeasurement(
            time: plane.clock.now(), requests: latencies.count, p50Milliseconds: Self.quantile(latencies, 0.5),
            p99Milliseconds: Self.quantile(latencies, 0.99), requestsPerSecond: Double(latencies.count) / elapsed,
            cpuMicrosecondsPerRequest: processor * 1e6 / Double(latencies.count),
            machine: "\(model.runtimeIdentity); in process, one caller, without network")
    }

    public func reproduceGolden(_ version: ModelVersionID) async throws -> GoldenOutcome {
        guard let preparation = try await preparations.preparation(version), let golden = preparation.goldenResponse,
            preparation.goldenRequest != nil
        else { return .missing("No golden request was recorded with \(version).") }
        let model = try await plane.loadedModel(version, preparations: preparations)
        let present = try await repeatOnce(model, try await goldenBody(version))
        guard let difference = try GoldenAnswer.difference(recorded: Array(golden.utf8), present: present) else {
            return .reproduced
        }
        let isSame = preparation.runtime == model.runtimeIdentity
        return .differs(difference + (isSame ? "" : " The runtime or processor is another than at registration."))
    }

    private func goldenBody(_ version: ModelVersionID) async throws -> [UInt8] {
        guard let request = try await preparations.preparation(version)?.goldenRequest else {
            throw MartletError.precondition("No golden request was recorded with \(version): there is nothing to send.")
        }
        return Array(request.utf8)
    }

    /// One request's whole way: read, validate, run, write. Not observed and not recorded: it is no one's prediction.
    private func repeatOnce(_ model: LoadedModel, _ body: [UInt8]) async throws -> [UInt8] {
        let request = try codec.decode(body)
        let call = Call(
            endpoint: nil, name: model.version.id.model, model: model, role: nil, isCounted: false,
            request: request, start: .now)
        return try codec.encode(try await plane.answer(call))
    }

    private static func quantile(_ sorted: [Int64], _ share: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        // The smallest value that at least this share of all does not exceed.
        let rank = max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1)
        return Double(sorted[rank]) / 1e6
    }

    /// This process's, and what other processes spend on the model.
    private static func processorSeconds(_ model: LoadedModel) -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9 + model.model.otherProcessorSeconds
    }
}

/// Compares two answers in Open Inference Protocol JSON by their outputs alone: ids differ by design.
enum GoldenAnswer {
    private struct Answer: Decodable {
        let outputs: [JSONValue]
    }

    /// Relative difference of two numbers that still counts as the same: single-precision rounding on another processor.
    static let tolerance = 1e-5

    /// The first difference as a sentence; nil if there is none.
    static func difference(recorded: [UInt8], present: [UInt8]) throws -> String? {
        let recorded = try JSONDecoder().decode(Answer.self, from: Data(recorded)).outputs
        let present = try JSONDecoder().decode(Answer.self, from: Data(present)).outputs
        guard recorded.count == present.count else {
            return "The golden answer has \(recorded.count) outputs, the present one \(present.count)."
        }
        for (old, new) in zip(recorded, present) {
            let name = old["name"]?.stringValue ?? "?"
            guard old["name"] == new["name"], old["datatype"] == new["datatype"], old["shape"] == new["shape"] else {
                return "The output \(name) has another name, datatype or shape."
            }
            let (before, now) = (old["data"]?.arrayValue ?? [], new["data"]?.arrayValue ?? [])
            guard before.count == now.count else { return "The output \(name) has another length." }
            for (index, pair) in zip(before, now).enumerated() where !isSame(pair.0, pair.1) {
                return "The output \(name) differs at element \(index): \(pair.0) was recorded, \(pair.1) was computed."
            }
        }
        return nil
    }

    private static func isSame(_ one: JSONValue, _ other: JSONValue) -> Bool {
        if one == other { return true }
        guard let a = one.doubleValue, let b = other.doubleValue else { return false }
        return abs(a - b) <= tolerance * max(1, abs(a), abs(b))
    }
}
