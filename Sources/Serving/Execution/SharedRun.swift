internal import Domain
internal import Foundation
internal import Inference
internal import Synchronization

/// What one request brings to a run that it may share with others.
final class SharedPart: Sendable {
    let inputs: [Tensor]
    /// The first dimension of every input.
    let rows: Int
    let answer = RunAnswer<SharedAnswer>()

    init(inputs: [Tensor], rows: Int) {
        self.inputs = inputs
        self.rows = rows
    }

    /// Whether the two differ in their rows alone.
    func fits(_ other: SharedPart) -> Bool {
        inputs.count == other.inputs.count
            && zip(inputs, other.inputs).allSatisfy {
                $0.datatype == $1.datatype && $0.shape.count == $1.shape.count
                    && $0.shape.dropFirst().elementsEqual($1.shape.dropFirst())
            }
    }
}

/// One request's part of what a run gave.
struct SharedAnswer: Sendable {
    let outputs: [NamedTensor]
    let begun: ContinuousClock.Instant
    let ended: ContinuousClock.Instant
    /// Rows of the whole run; nil for all of its requests but the first, so that a run is counted once.
    let rowsOfRun: Int?
}

extension ModelRunner {
    /// How often a run that waits for more rows looks for them at least.
    private static let napMax = Duration.milliseconds(1)

    typealias Compute = @Sendable ([Tensor], RunStop) throws(MartletError) -> [NamedTensor]

    /// Runs a model for a request, and with it for others that wait for the same model.
    ///
    /// The first of them to have a thread leads: it takes those that fit from the queue, waits for more as the rule says, and answers all.
    /// Each keeps its own deadline; the run ends early when nobody waits for it any more. Where it fails with several requests, each is
    /// computed by itself, so that one bad request spoils no other.
    ///
    /// - Parameter compute: takes the model's inputs and gives all of its outputs, a row for a row.
    func run(
        _ place: RunPlace, until callers: CallersDeadline?, _ part: SharedPart, by rule: BatchingRule,
        _ compute: @escaping Compute
    ) async throws -> SharedAnswer {
        try await wait(for: part.answer, until: callers) { deadline, lateness in
            ModelRun(
                place, deadline: deadline, lateness: lateness, part: part,
                work: { self.lead(part, $0, place.model, rule, compute) }, fail: { part.answer.give(.failure($0)) },
                isAnswered: { part.answer.isGiven })
        }
    }

    private func lead(_ part: SharedPart, _ stop: RunStop, _ model: String, _ rule: BatchingRule, _ compute: Compute) {
        let joined = gather(part, stop, model, rule)
        defer { leave(joined) }
        let all = [(part, stop)] + joined.compactMap { run in run.part.map { ($0, run.stop) } }
        guard all.count > 1 else { return Self.answer(part, stop, compute) }
        let begun = ContinuousClock.now
        do {
            let inputs = try TensorRows.joined(all.map(\.0.inputs))
            let together = RunStop()
            let outputs = try Self.stopping(together, when: all.map(\.1)[...], Countdown(all.count)) {
                () throws(MartletError) in try compute(inputs, together)
            }
            let parts = try TensorRows.split(outputs, rows: all.map(\.0.rows))
            let ended = ContinuousClock.now
            let rows = all.reduce(0) { $0 + $1.0.rows }
            for (index, outputs) in parts.enumerated() {
                all[index].0.answer.give(
                    .success(
                        SharedAnswer(
                            outputs: outputs, begun: begun, ended: ended, rowsOfRun: index == 0 ? rows : nil)))
            }
        } catch {
            for (part, stop) in all where !stop.isStopped { Self.answer(part, stop, compute) }
        }
    }

    private static func answer(_ part: SharedPart, _ stop: RunStop, _ compute: Compute) {
        let begun = ContinuousClock.now
        do {
            let outputs = try compute(part.inputs, stop)
            part.answer.give(
                .success(SharedAnswer(outputs: outputs, begun: begun, ended: .now, rowsOfRun: part.rows)))
        } catch {
            part.answer.give(.failure(error))
        }
    }

    /// The runs that are answered with this one, in the order in which they came.
    private func gather(_ part: SharedPart, _ stop: RunStop, _ model: String, _ rule: BatchingRule) -> [ModelRun] {
        let latest = ContinuousClock.now + rule.maxDelay
        var joined: [ModelRun] = []
        var rows = part.rows
        var isFull = false
        defer { endGathering(part) }
        while true {
            joined += join(model) { other in
                guard part.fits(other) else { return false }
                guard rows + other.rows <= rule.maxRows else {
                    isFull = true
                    return false
                }
                rows += other.rows
                return true
            }
            guard rows < rule.wantedRows, !isFull, !stop.isStopped, case let left = latest - .now, left > .zero else {
                return joined
            }
            let nap = min(left, Self.napMax, max(rule.maxDelay / 8, .microseconds(50)))
            Thread.sleep(forTimeInterval: Double(nap.nanoseconds) / 1e9)
        }
    }

    /// Runs `body`; ends `together` when the last of `stops` has been stopped.
    private static func stopping<Value>(
        _ together: RunStop, when stops: ArraySlice<RunStop>, _ countdown: Countdown,
        _ body: () throws(MartletError) -> Value
    ) throws(MartletError) -> Value {
        guard let first = stops.first else { return try body() }
        return try first.during(tell: { if countdown.isOver() { together.stop() } }) { () throws(MartletError) in
            try stopping(together, when: stops.dropFirst(), countdown, body)
        }
    }

    private final class Countdown: Sendable {
        private let left: Atomic<Int>

        init(_ count: Int) {
            left = Atomic(count)
        }

        /// To be asked once by each that is counted.
        func isOver() -> Bool { left.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
    }
}

/// Tensors of several requests one under the other.
enum TensorRows {
    /// One tensor for each input, whose rows are those of all requests.
    static func joined(_ requests: [[Tensor]]) throws(MartletError) -> [Tensor] {
        guard let first = requests.first else { return [] }
        var inputs: [Tensor] = []
        for place in first.indices {
            let rows = requests.reduce(0) { $0 + $1[place].rows }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(requests.reduce(0) { $0 + $1[place].bytes.count })
            var offsets = [0]
            for request in requests {
                if first[place].datatype == .bytes {
                    let start = bytes.count
                    for offset in request[place].offsets.dropFirst() { offsets.append(start + offset) }
                }
                bytes.append(contentsOf: request[place].bytes)
            }
            let shape = [rows] + first[place].shape.dropFirst()
            inputs.append(
                first[place].datatype == .bytes
                    ? try Tensor(shape: shape, bytes: bytes, offsets: offsets)
                    : try Tensor(datatype: first[place].datatype, shape: shape, bytes: bytes))
        }
        return inputs
    }

    /// Each request's rows of every output.
    ///
    /// - Throws: `internal` for an output whose rows are not those of the inputs.
    static func split(_ outputs: [NamedTensor], rows: [Int]) throws(MartletError) -> [[NamedTensor]] {
        let total = rows.reduce(0, +)
        var parts = [[NamedTensor]](repeating: [], count: rows.count)
        for output in outputs {
            let tensor = output.tensor
            guard let first = tensor.shape.first, first == total else {
                throw MartletError(
                    .internal, "The output \(output.name) has the shape \(tensor.shape) for \(total) rows.")
            }
            let elementsOfRow = tensor.shape.dropFirst().reduce(1, *)
            var start = 0
            for (index, count) in rows.enumerated() {
                let shape = [count] + tensor.shape.dropFirst()
                let elements = (start * elementsOfRow)..<((start + count) * elementsOfRow)
                parts[index].append(NamedTensor(name: output.name, tensor: try slice(tensor, elements, shape)))
                start += count
            }
        }
        return parts
    }

    private static func slice(
        _ tensor: Tensor, _ elements: Range<Int>, _ shape: [Int]
    ) throws(MartletError) -> Tensor {
        guard let size = tensor.datatype.elementBytes else {
            let offsets = tensor.offsets[elements.lowerBound...elements.upperBound]
            let start = tensor.offsets[elements.lowerBound]
            return try Tensor(
                shape: shape, bytes: Array(tensor.bytes[start..<tensor.offsets[elements.upperBound]]),
                offsets: offsets.map { $0 - start })
        }
        return try Tensor(
            datatype: tensor.datatype, shape: shape,
            bytes: Array(tensor.bytes[(elements.lowerBound * size)..<(elements.upperBound * size)]))
    }
}
