/// One thing that a collection looked at, and what came of it.
public struct CollectionItem: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case loggedModel = "logged_model"
        case run
        case experiment
        /// A stored file by its digest.
        case blob
    }

    public enum Outcome: String, Sendable, Hashable, Codable {
        /// Gone, or in a dry run: would go.
        case collected
        /// Something refers to it, so it stays.
        case held
    }

    public var kind: Kind
    public var id: String
    public var name: String
    public var outcome: Outcome
    /// Why it is held.
    public var reason: String?
    public var deletedAt: Timestamp?
    /// Artifacts that go with it; their bytes are free once nothing else refers to their content.
    public var files: Int
    /// Of its artifacts; of a blob its own, which are free at once.
    public var bytes: Int64
    public var metricPoints: Int64

    public init(
        kind: Kind, id: String, name: String, outcome: Outcome, reason: String? = nil, deletedAt: Timestamp? = nil,
        files: Int = 0, bytes: Int64 = 0, metricPoints: Int64 = 0
    ) {
        self.kind = kind
        self.id = id
        self.name = name
        self.outcome = outcome
        self.reason = reason
        self.deletedAt = deletedAt
        self.files = files
        self.bytes = bytes
        self.metricPoints = metricPoints
    }
}
