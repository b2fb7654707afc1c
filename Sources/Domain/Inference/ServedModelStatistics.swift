/// What one version has answered since it was loaded, and how long it took.
///
/// Requests that named the version and requests that the endpoint's split gave it; neither copies in shadow nor measurements.
public struct ServedModelStatistics: Sendable, Hashable {
    public var id: ModelVersionID
    /// When it last gave an answer; nil if it never did.
    public var lastInference: Timestamp?
    /// Rows of all answers.
    public var inferenceCount: Int
    /// Runs of the model that gave them.
    public var executionCount: Int
    /// From the request to its answer.
    public var success: TimeTotal
    /// From the request to its refusal or failure.
    public var failure: TimeTotal
    /// What answered requests waited for a thread.
    public var queue: TimeTotal
    /// Checking and arranging of inputs.
    public var computeInput: TimeTotal
    public var computeInfer: TimeTotal
    /// Checking, choosing and recording of outputs.
    public var computeOutput: TimeTotal
    /// Looking into the cache: for what was there, and for what was not, with keeping it.
    public var cacheHit = TimeTotal()
    public var cacheMiss = TimeTotal()
    /// By the rows of a run, ascending; only the first `batchSizesMax` sizes that came.
    public var batches: [BatchStatistics]
    public var circuit = CircuitStatistics()

    /// Sizes that are told apart: beyond, requests count in the totals alone, so that no caller can fill the memory.
    public static let batchSizesMax = 256

    public init(id: ModelVersionID) {
        self.id = id
        (inferenceCount, executionCount) = (0, 0)
        (success, failure, queue) = (TimeTotal(), TimeTotal(), TimeTotal())
        (computeInput, computeInfer, computeOutput) = (TimeTotal(), TimeTotal(), TimeTotal())
        batches = []
    }
}

/// How often something happened and how long it took altogether.
public struct TimeTotal: Sendable, Hashable {
    public var count: Int
    public var nanoseconds: Int64

    public init(count: Int = 0, nanoseconds: Int64 = 0) {
        self.count = count
        self.nanoseconds = nanoseconds
    }

    public mutating func add(_ nanoseconds: Int64) {
        count += 1
        self.nanoseconds += nanoseconds
    }
}

/// The part of a version's statistics that is of runs with so many rows.
public struct BatchStatistics: Sendable, Hashable {
    public var rows: Int
    public var computeInput = TimeTotal()
    public var computeInfer = TimeTotal()
    public var computeOutput = TimeTotal()

    public init(rows: Int) {
        self.rows = rows
    }
}

/// Whether a version is asked, and how often it was not.
public struct CircuitStatistics: Sendable, Hashable {
    public enum State: String, Sendable, CaseIterable {
        /// All requests reach it.
        case closed
        /// One at a time does, to see whether it has recovered.
        case halfOpen = "half_open"
        /// None does.
        case open
    }

    public var state: State
    /// Times that it opened since the version was loaded.
    public var opened: Int
    /// Requests that did not reach the version.
    public var refused: Int

    public init(state: State = .closed, opened: Int = 0, refused: Int = 0) {
        self.state = state
        self.opened = opened
        self.refused = refused
    }
}
