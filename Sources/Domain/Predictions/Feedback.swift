/// What was learned later about one row of one prediction.
///
/// A label that arrives twice for the same row replaces the first (the correction is kept with both times); equal repeats
/// change nothing; a label for an unknown prediction is kept and joined if its prediction is one of ours.
public struct Feedback: Sendable, Hashable, Codable {
    public var predictionID: PredictionID?
    /// Or the caller's own key, as sent with the request.
    public var businessKey: String?
    public var endpoint: String
    /// 0 is the first row of the request.
    public var row: Int
    /// The true class or number, as text.
    public var label: String?
    /// What a person decided instead of the model, as text.
    public var override: String?
    /// Business figures by name.
    public var kpis: [String: Double]
    public var time: Timestamp
    public var principal: String

    public init(
        predictionID: PredictionID?, businessKey: String?, endpoint: String, row: Int, label: String?,
        override: String?, kpis: [String: Double], time: Timestamp, principal: String
    ) {
        self.predictionID = predictionID
        self.businessKey = businessKey
        self.endpoint = endpoint
        self.row = row
        self.label = label
        self.override = override
        self.kpis = kpis
        self.time = time
        self.principal = principal
    }
}
