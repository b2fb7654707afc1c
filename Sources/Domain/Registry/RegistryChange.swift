/// One entry in the history of a registered model: what became of one of its names, texts, tags, aliases, versions or stages.
public struct RegistryChange: Sendable, Hashable, Codable {
    /// What changed.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// The model's own name; gone when the model was deleted.
        case name
        case description
        /// A tag of the model; the key is the tag's.
        case tag
        /// The key is the alias, the value the number of the version that it names.
        case alias
        /// A version: its source when it was registered, gone when it was deleted.
        case version
        case versionDescription = "version_description"
        /// A tag of a version; the key is the tag's.
        case versionTag = "version_tag"
        /// MLflow's stage of a version. A version whose stage never changed is in `None`.
        case stage

        /// Whether entries of this kind are about one version.
        public var isOfVersion: Bool { [.version, .versionDescription, .versionTag, .stage].contains(self) }
    }

    /// How the entry came to be.
    public enum Origin: String, Sendable, Hashable, Codable {
        /// Somebody changed it at that time.
        case change
        /// It stood so when the history began: since when, and by whom, was not recorded.
        case migration
        /// It was taken over from another server at that time.
        case `import`
    }

    /// Ascending in the order of the changes.
    public var id: Int64
    public var kind: Kind
    /// The tag's key or the alias; empty for other kinds.
    public var key: String
    /// nil for what belongs to the model as a whole.
    public var version: Int?
    /// What it was set to; nil if it was removed.
    public var value: String?
    /// What it was before; nil if it was not there.
    public var previous: String?
    public var time: Timestamp
    public var actorID: String
    public var actorName: String
    public var origin: Origin

    public init(
        id: Int64, kind: Kind, key: String, version: Int?, value: String?, previous: String?, time: Timestamp,
        actorID: String, actorName: String, origin: Origin
    ) {
        self.id = id
        self.kind = kind
        self.key = key
        self.version = version
        self.value = value
        self.previous = previous
        self.time = time
        self.actorID = actorID
        self.actorName = actorName
        self.origin = origin
    }
}
