/// What live traffic of one version is compared with.
public struct ReferenceProfile: Sendable, Hashable, Codable {
    /// Where the reference came from.
    public enum Origin: String, Sendable, Codable {
        /// A data set logged with the version's run.
        case trainingData = "training_data"
        /// There was none, so the first live rows took its place: drift that was already there cannot be seen.
        case firstLiveRows = "first_live_rows"
    }
    /// What the reference distribution of the prediction was made of.
    public enum PredictionOrigin: String, Sendable, Codable {
        /// A column of the model's own predictions in the reference data.
        case predictions
        /// The labels of the reference data: a biased model drifts against them at once.
        case labels
        /// The first live predictions.
        case firstLiveRows = "first_live_rows"
    }

    public var version: ModelVersionID
    public var origin: Origin
    public var predictionOrigin: PredictionOrigin?
    /// Which artifact, and what was left out, as a sentence.
    public var detail: String
    public var profile: Profile
    public var builtAt: Timestamp

    public init(
        version: ModelVersionID, origin: Origin, predictionOrigin: PredictionOrigin?, detail: String, profile: Profile,
        builtAt: Timestamp
    ) {
        self.version = version
        self.origin = origin
        self.predictionOrigin = predictionOrigin
        self.detail = detail
        self.profile = profile
        self.builtAt = builtAt
    }

    enum CodingKeys: String, CodingKey {
        case version, origin, detail, profile
        case predictionOrigin = "prediction_origin"
        case builtAt = "built_at"
    }
}

/// Where reference profiles are kept. They belong to registry.db: an immutable version's reference does not change.
public protocol ReferenceProfileStore: Sendable {
    func referenceProfile(_ version: ModelVersionID) async throws -> ReferenceProfile?
    /// Replaces an earlier one of the same version.
    func save(_ profile: ReferenceProfile) async throws
}
