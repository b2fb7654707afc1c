/// The making of one optimised version. Kept in memory: what comes of it is the new version, which is durable, or nothing.
public struct OptimizationJob: Sendable, Hashable, Codable {
    public enum State: String, Sendable, Codable {
        case running, succeeded, failed
    }

    public var id: String
    public var model: String
    /// The version that is optimised.
    public var sourceVersion: Int
    /// `int8`, `fp16` or `prune 0.3`.
    public var method: String
    public var state: State
    public var startedBy: String
    public var startedAt: Timestamp
    public var endedAt: Timestamp?
    /// The new version, once there is one.
    public var version: Int?
    public var record: OptimizationRecord?
    /// Why it failed, as a sentence.
    public var error: String?

    public init(
        id: String, source: ModelVersionID, method: String, startedBy: String, startedAt: Timestamp
    ) {
        self.id = id
        self.model = source.model
        self.sourceVersion = source.version
        self.method = method
        self.state = .running
        self.startedBy = startedBy
        self.startedAt = startedAt
    }
}
