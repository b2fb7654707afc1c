/// Something that happened and that an OpenLineage endpoint is to be told. Only what it is about is kept: what is said of it is read when it
/// is sent.
public struct OpenLineageNotice: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
        /// A run of the tracking API began, or ended; the subject is its id.
        case runStarted = "run_started"
        case runEnded = "run_ended"
        /// The subject is `NAME/VERSION`.
        case versionRegistered = "version_registered"
        /// The subject is the rollout's id.
        case rolloutStarted = "rollout_started"
        case rolloutEnded = "rollout_ended"
        /// The subject is the retraining run's id.
        case retrainingStarted = "retraining_started"
        case retrainingEnded = "retraining_ended"
        /// The subject is `NAME/NUMBER` of a version of a data set.
        case datasetAdded = "dataset_added"
    }

    /// Ascending in the order of what happened.
    public var id: Int64
    public var kind: Kind
    public var subject: String
    public var time: Timestamp
    /// How often it was tried.
    public var attempts: Int

    public init(id: Int64, kind: Kind, subject: String, time: Timestamp, attempts: Int) {
        self.id = id
        self.kind = kind
        self.subject = subject
        self.time = time
        self.attempts = attempts
    }
}
