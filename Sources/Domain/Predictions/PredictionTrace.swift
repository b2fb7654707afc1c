/// All that is known of one answered request, from its id alone and from what is kept beside it.
public struct PredictionTrace: Sendable, Hashable, Encodable {
    public var predictionID: PredictionID
    /// What the id says by itself.
    public var origin: PredictionOrigin
    /// nil where the id names no endpoint (an explicit version of an ungoverned model) and nothing was recorded.
    public var endpoint: String?
    /// With the digest of every file.
    public var version: VersionRecord?
    /// With its data sets.
    public var run: RunRecord?
    public var codeCommit: String?
    /// The rollout under way when it was answered.
    public var rollout: Rollout?
    /// nil where they cannot be read.
    public var approvals: [Approval]?
    /// As Open Inference Protocol JSON; nil where the policy did not keep them.
    public var input: JSONValue?
    public var output: JSONValue?
    /// Runtime build and processor that computed it.
    public var runtime: String?
    public var feedback: [Feedback]
    /// What is not known, and why, one sentence each.
    public var missing: [String]

    public init(
        predictionID: PredictionID, origin: PredictionOrigin, endpoint: String?, feedback: [Feedback] = [],
        missing: [String] = []
    ) {
        self.predictionID = predictionID
        self.origin = origin
        self.endpoint = endpoint
        self.feedback = feedback
        self.missing = missing
    }
}
