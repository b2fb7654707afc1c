internal import Domain
internal import Synchronization

/// Counts what one loaded version answers. All figures of one request are added at once, so that they agree with each other.
final class ModelTally: Sendable {
    /// How long the parts of one answer took.
    struct Times {
        var total: Int64
        var queue: Int64
        var input: Int64
        var infer: Int64
        var output: Int64
        /// Looking into the cache and keeping there, and whether the answer was there; nil where answers are not cached.
        var cache: (time: Int64, isHit: Bool)?
    }

    private struct State {
        var statistics: ServedModelStatistics
        /// The place of each size in the statistics' batches.
        var places: [Int: Int] = [:]

        /// nil where too many sizes have come already.
        mutating func place(ofRows rows: Int) -> Int? {
            if let place = places[rows] { return place }
            guard statistics.batches.count < ServedModelStatistics.batchSizesMax else { return nil }
            statistics.batches.append(BatchStatistics(rows: rows))
            places[rows] = statistics.batches.count - 1
            return statistics.batches.count - 1
        }
    }
    private let state: Mutex<State>

    init(_ id: ModelVersionID) {
        state = Mutex(State(statistics: ServedModelStatistics(id: id)))
    }

    var statistics: ServedModelStatistics {
        var statistics = state.withLock { $0.statistics }
        statistics.batches.sort { $0.rows < $1.rows }
        return statistics
    }

    /// - Parameter rowsOfRun: of the run that gave the answer; nil where that run was counted with another request.
    func countAnswer(rows: Int, rowsOfRun: Int?, _ times: Times, at time: Timestamp) {
        state.withLock { state in
            state.statistics.lastInference = time
            state.statistics.inferenceCount += rows
            if rowsOfRun != nil { state.statistics.executionCount += 1 }
            state.statistics.success.add(times.total)
            if let cache = times.cache {
                if cache.isHit {
                    // As Triton has it, what was not computed has no times of computing.
                    return state.statistics.cacheHit.add(cache.time)
                }
                state.statistics.cacheMiss.add(cache.time)
            }
            state.statistics.queue.add(times.queue)
            state.statistics.computeInput.add(times.input)
            state.statistics.computeInfer.add(times.infer)
            state.statistics.computeOutput.add(times.output)
            guard let rowsOfRun, let place = state.place(ofRows: rowsOfRun) else { return }
            state.statistics.batches[place].computeInput.add(times.input)
            state.statistics.batches[place].computeInfer.add(times.infer)
            state.statistics.batches[place].computeOutput.add(times.output)
        }
    }

    func countFailure(_ nanoseconds: Int64) {
        state.withLock { $0.statistics.failure.add(nanoseconds) }
    }
}
