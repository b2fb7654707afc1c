/// How a model's runs are to be made up of requests and shared out, as its configuration says.
public struct ServingRule: Sendable, Hashable, Codable {
    /// Rows of one request, and of one run, at most; nil where the first dimension is no batch.
    public var maxRows: Int?
    /// Runs of the model at a time, 1 or more; nil is as the server has it.
    public var instances: Int?
    /// How requests are put together into one run; nil runs each by itself.
    public var batching: BatchingRule?
    /// Whether equal inputs are answered with the outputs of before.
    public var isCached: Bool

    public init(
        maxRows: Int? = nil, instances: Int? = nil, batching: BatchingRule? = nil, isCached: Bool = false
    ) {
        self.maxRows = maxRows
        self.instances = instances
        self.batching = batching
        self.isCached = isCached
    }
}
