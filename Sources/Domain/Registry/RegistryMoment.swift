/// What stood in the registry about one model at one moment.
public struct RegistryMoment: Sendable, Hashable, Codable {
    /// The name that the model had then.
    public var name: String
    public var at: Timestamp
    /// Where the history of this model begins: its registration, or the moment when Martlet began to keep histories.
    public var beginsAt: Timestamp
    /// Everything that was set then, each by the entry that had set it last.
    public var items: [RegistryChange]

    public init(name: String, at: Timestamp, beginsAt: Timestamp, items: [RegistryChange]) {
        self.name = name
        self.at = at
        self.beginsAt = beginsAt
        self.items = items
    }
}
