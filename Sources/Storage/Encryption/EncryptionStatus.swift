public import Domain

/// Which keys there are. Ids only: no key is in it.
public struct EncryptionStatus: Sendable, Codable, Hashable {
    public struct DataKey: Sendable, Codable, Hashable {
        public var id: String
        /// The master key that wraps it.
        public var masterKey: String
        public var createdAt: Timestamp
        /// Whether new data are encrypted with it.
        public var isCurrent: Bool
    }

    public var isOn: Bool
    /// Ids of the keys in the key file, the current one first.
    public var masterKeys: [String]
    public var currentMasterKey: String?
    public var dataKeys: [DataKey]
}
