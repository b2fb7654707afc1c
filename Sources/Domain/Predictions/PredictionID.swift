/// The authenticated, self-describing id of one answered request, as text.
///
/// It tells endpoint, version, policy, rollout step and time by itself; `Serving` seals and opens it with the server's key.
public struct PredictionID: Sendable, Hashable, Codable, RawRepresentable, CustomStringConvertible {
    public var rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
    public var description: String { rawValue }
}

/// What a prediction id says.
public struct PredictionOrigin: Sendable, Hashable, Codable {
    public var endpointID: Int64
    public var version: Int
    /// 0 where no policy governed.
    public var policyVersion: Int
    /// 0 where no rollout was in progress.
    public var rolloutID: Int64
    public var rolloutStep: Int
    public var time: Timestamp

    public init(
        endpointID: Int64, version: Int, policyVersion: Int, rolloutID: Int64, rolloutStep: Int, time: Timestamp
    ) {
        self.endpointID = endpointID
        self.version = version
        self.policyVersion = policyVersion
        self.rolloutID = rolloutID
        self.rolloutStep = rolloutStep
        self.time = time
    }
}
