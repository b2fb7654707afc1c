public import Domain

/// All that the entry of a version is made of, as it was read.
public struct VersionEntryFacts: Sendable {
    public var record: VersionRecord
    /// nil where the version names none, or it is gone.
    public var run: RunRecord?
    /// As MLflow 3 logs it; nil where the version comes from none, or it is gone.
    public var loggedModel: LoggedModel?
    /// The one in force.
    public var policy: PolicyVersion?
    /// Newest first.
    public var approvals: [Approval] = []
    /// Of the model's endpoint, newest first.
    public var rollouts: [Rollout] = []
    public var endpoint: Endpoint?
    public var previousVersion: Int?
    /// Those of the run's data sets that are versions of Martlet's.
    public var datasetVersions: [LoggedDatasetKey: DatasetVersionID] = [:]

    public init(record: VersionRecord) {
        self.record = record
    }
}
