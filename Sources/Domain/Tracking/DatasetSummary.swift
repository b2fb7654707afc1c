/// A data set that runs of an experiment used, as a list shows it.
public struct DatasetSummary: Sendable, Hashable {
    public var experimentID: String
    public var name: String
    public var digest: String
    /// What it was used for, for example `training`.
    public var context: String?

    public init(experimentID: String, name: String, digest: String, context: String?) {
        self.experimentID = experimentID
        self.name = name
        self.digest = digest
        self.context = context
    }
}
