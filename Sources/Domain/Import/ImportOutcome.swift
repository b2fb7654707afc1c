/// What became of one thing that was taken over from another server.
public struct ImportOutcome: Sendable, Hashable, Codable {
    public enum Result: String, Sendable, Hashable, Codable {
        case created
        /// It was there, from an earlier import, and is as the source has it now.
        case updated
        /// A version whose files the source did not give: it cannot be served.
        case withoutFiles = "without_files"
        /// It was not taken, and the reason says why.
        case refused
    }

    /// The id or name at the source.
    public var id: String
    /// The id here, where the source's was taken.
    public var newID: String?
    public var result: Result
    public var reason: String?

    public init(id: String, newID: String? = nil, result: Result, reason: String? = nil) {
        self.id = id
        self.newID = newID
        self.result = result
        self.reason = reason
    }
}
