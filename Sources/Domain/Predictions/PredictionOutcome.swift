/// What one row was predicted to be, kept so that a label that comes later can be joined with it.
public struct PredictionOutcome: Sendable, Hashable {
    public var predictionID: PredictionID
    /// 0 is the first row of the request.
    public var row: Int
    public var endpoint: String
    public var version: Int
    public var role: Variant.Role
    /// When its request came, as its id states.
    public var time: Timestamp
    /// The predicted class or number, as text.
    public var predicted: String
    /// The positive or winning class's score; nil where the model gives none.
    public var score: Double?
    public var businessKey: String?

    public init(
        predictionID: PredictionID, row: Int, endpoint: String, version: Int, role: Variant.Role, time: Timestamp,
        predicted: String, score: Double?, businessKey: String?
    ) {
        self.predictionID = predictionID
        self.row = row
        self.endpoint = endpoint
        self.version = version
        self.role = role
        self.time = time
        self.predicted = predicted
        self.score = score
        self.businessKey = businessKey
    }
}

/// Where outcomes are kept (observations.db).
public protocol OutcomeStore: Sendable {
    /// Adds outcomes; durable when it returns. One that is already there is left alone.
    func append(_ outcomes: [PredictionOutcome]) async throws
    /// All rows of these predictions, in no order. At most 500 ids.
    func outcomes(of ids: [PredictionID]) async throws -> [PredictionOutcome]
    /// All rows of requests with these business keys, in no order. At most 500 keys.
    func outcomes(endpoint: String, businessKeys: [String]) async throws -> [PredictionOutcome]
    /// Removes outcomes older than this, and says how many went.
    func pruneOutcomes(before: Timestamp) async throws -> Int
}
