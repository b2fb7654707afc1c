/// A named group of runs.
public struct Experiment: Sendable, Hashable {
    /// Digits, as MLflow's clients expect.
    public var id: String
    public var name: String
    public var artifactLocation: String
    public var isDeleted: Bool
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    public var tags: [String: String]

    public init(
        id: String, name: String, artifactLocation: String, isDeleted: Bool, createdAt: Timestamp,
        updatedAt: Timestamp, tags: [String: String]
    ) {
        self.id = id
        self.name = name
        self.artifactLocation = artifactLocation
        self.isDeleted = isDeleted
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.tags = tags
    }
}
