/// How a model's runs are to be made up of requests and shared out, as its configuration says.
public struct ServingRule: Sendable, Hashable, Codable {
    /// Rows of one request, and of one run, at most; nil where the first dimension is no batch.
    public var maxRows: Int?
    /// Runs of the model at a time, 1 or more.
    public var instances: Int
    /// How requests are put together into one run; nil runs each by itself.
    public var batching: BatchingRule?

    public init(maxRows: Int? = nil, instances: Int = 1, batching: BatchingRule? = nil) {
        self.maxRows = maxRows
        self.instances = instances
        self.batching = batching
    }
}
