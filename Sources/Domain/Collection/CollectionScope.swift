/// What a collection may take.
public struct CollectionScope: Sendable, Hashable {
    /// Ids of one request at most.
    public static let idsMax = 1_000

    /// Only what was deleted at this moment or earlier.
    public var deletedBefore: Timestamp
    /// With any ids: only these, and all that is in the experiments. Without: everything.
    public var experiments: [String]
    public var runs: [String]
    public var loggedModels: [String]
    /// Whether files that nothing refers to go too.
    public var includesBlobs: Bool

    public init(
        deletedBefore: Timestamp, experiments: [String] = [], runs: [String] = [], loggedModels: [String] = [],
        includesBlobs: Bool = true
    ) {
        self.deletedBefore = deletedBefore
        self.experiments = experiments
        self.runs = runs
        self.loggedModels = loggedModels
        self.includesBlobs = includesBlobs
    }

    public var isEverything: Bool { experiments.isEmpty && runs.isEmpty && loggedModels.isEmpty }
}
