/// The port that tells which version of a data set a run's data set is: by the digest that the run logged, or by its source.
public protocol DatasetLinking: Sendable {
    /// Those of the run's data sets that are versions of Martlet's; the others are left out.
    func versions(ofRun runID: String) async throws -> [LoggedDatasetKey: DatasetVersionID]
}

/// What tells the data sets of one run apart.
public struct LoggedDatasetKey: Sendable, Hashable {
    public var name: String
    public var digest: String

    public init(name: String, digest: String) {
        self.name = name
        self.digest = digest
    }
}

/// One use of a version of a data set by a run.
public struct DatasetUse: Sendable, Hashable, Codable {
    public var runID: String
    public var runName: String
    /// `training`, `validation` …; nil where the run logged none.
    public var context: String?

    public init(runID: String, runName: String, context: String?) {
        self.runID = runID
        self.runName = runName
        self.context = context
    }
}
