/// The stored input and output of one prediction, enough to replay it.
public struct PredictionRecord: Sendable, Hashable {
    public var id: PredictionID
    public var time: Timestamp
    public var endpoint: String
    public var version: Int
    /// Input tensors in the data plane's exact binary form.
    public var input: [UInt8]
    /// Output tensors in the same form.
    public var output: [UInt8]
    /// Runtime build and processor kind that computed it; replay is bit for bit only on the same.
    public var runtime: String

    public init(
        id: PredictionID, time: Timestamp, endpoint: String, version: Int, input: [UInt8], output: [UInt8],
        runtime: String
    ) {
        self.id = id
        self.time = time
        self.endpoint = endpoint
        self.version = version
        self.input = input
        self.output = output
        self.runtime = runtime
    }
}

/// The prediction log.
public protocol PredictionLog: Sendable {
    /// Returns when the record is durable.
    func append(_ record: PredictionRecord) async throws
    /// Queues a sampled record; returns false (and counts) if the bounded queue is full.
    func offer(_ record: PredictionRecord) -> Bool
    func record(_ id: PredictionID) async throws -> PredictionRecord?
}
