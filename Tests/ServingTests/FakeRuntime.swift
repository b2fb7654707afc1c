import Domain
import Foundation
import Inference
import Synchronization

@testable import Serving

/// A model file is one line: `double` answers twice the input, `fail` fails, `slow` takes a millisecond, `endless` runs until it is
/// stopped, `stubborn` for twenty seconds whoever stops it, `refuse` refuses negative numbers, `nothing` answers with very many rows of
/// nothing.
struct FakeRuntime: Runtime {
    let identity = "fake 1"

    func load(path: String) throws(MartletError) -> any ExecutableModel {
        guard let kind = try? String(contentsOfFile: path, encoding: .utf8), kind != "broken" else {
            throw MartletError.precondition("It is broken.")
        }
        return FakeModel(kind: kind)
    }
}

struct FakeModel: ExecutableModel {
    let kind: String
    var isWorkBoundByShapes: Bool { !kind.hasPrefix("endless") }
    let metadata = ModelMetadata(
        inputs: [TensorSpec(name: "x", datatype: .fp64, shape: [-1, 2])],
        outputs: [TensorSpec(name: "y", datatype: .fp64, shape: [-1])], custom: [:])

    func run(_ inputs: [Tensor], outputs: [Int], stop: RunStop) throws(MartletError) -> [Tensor] {
        if kind.hasPrefix("fail") { throw MartletError(.internal, "It failed.") }
        if kind.hasPrefix("slow") { usleep(1000) }
        if kind.hasPrefix("stubborn") { usleep(20_000_000) }
        while kind.hasPrefix("endless") {
            if stop.isStopped { throw MartletError(.deadlineExceeded, "It was stopped.") }
            usleep(1000)
        }
        if kind.hasPrefix("nothing") { return [try Tensor(.fp64, shape: [1 << 40, 0], elements: [Double]())] }
        let factor = kind.hasPrefix("triple") ? 3.0 : 2.0
        let values = inputs[0].elements(as: Double.self)
        if kind.hasPrefix("refuse"), values.contains(where: { $0 < 0 }) { throw MartletError.invalid("Not below 0.") }
        let answers = stride(from: 0, to: values.count, by: 2).map { factor * values[$0] }
        return [try Tensor(.fp64, shape: [answers.count], elements: answers)]
    }
}

/// Keeps what it is given.
final class Recorder: ObservationSink, PredictionLog {
    let observations = Mutex<[Observation]>([])
    let records = Mutex<[PredictionRecord]>([])
    let isFailing: Bool

    init(isFailing: Bool = false) { self.isFailing = isFailing }

    func observe(_ observation: Observation) { observations.withLock { $0.append(observation) } }
    func append(_ record: PredictionRecord) async throws {
        if isFailing { throw MartletError(.internal, "No disk.") }
        records.withLock { $0.append(record) }
    }
    func offer(_ record: PredictionRecord) -> Bool {
        records.withLock { $0.append(record) }
        return true
    }
    func record(_ id: PredictionID) async throws -> PredictionRecord? {
        records.withLock { $0.first { $0.id == id } }
    }
}
