/// What came of computing a recorded prediction again.
public struct ReplayOutcome: Sendable, Hashable, Codable {
    public var predictionID: PredictionID
    public var endpoint: String
    public var version: Int
    /// Whether every output byte is the same.
    public var isIdentical: Bool
    /// Whether runtime build and processor kind are those that computed it first: only then must it be identical.
    public var isSameRuntime: Bool
    public var recordedRuntime: String
    public var presentRuntime: String
    /// The largest difference between two numbers; 0 where all are equal, nil where shapes, names or strings differ.
    public var maxAbsoluteDifference: Double?
    /// The finding as a sentence.
    public var detail: String

    public init(
        predictionID: PredictionID, endpoint: String, version: Int, isIdentical: Bool, isSameRuntime: Bool,
        recordedRuntime: String, presentRuntime: String, maxAbsoluteDifference: Double?, detail: String
    ) {
        self.predictionID = predictionID
        self.endpoint = endpoint
        self.version = version
        self.isIdentical = isIdentical
        self.isSameRuntime = isSameRuntime
        self.recordedRuntime = recordedRuntime
        self.presentRuntime = presentRuntime
        self.maxAbsoluteDifference = maxAbsoluteDifference
        self.detail = detail
    }
}

/// The port through which a recorded prediction is computed again.
public protocol PredictionReplaying: Sendable {
    /// - Throws: `invalidArgument` for an id that is not ours, `notFound` where nothing was recorded, `failedPrecondition` where
    ///   the version cannot be loaded any more.
    func replay(_ id: PredictionID) async throws -> ReplayOutcome
}
