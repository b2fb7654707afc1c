/// A registered model as lists show it.
public struct ModelSummary: Sendable, Hashable {
    public var name: String
    public var description: String?
    /// How many there are.
    public var versions: Int
    /// nil without any.
    public var newestVersion: Int?

    public init(name: String, description: String?, versions: Int, newestVersion: Int?) {
        self.name = name
        self.description = description
        self.versions = versions
        self.newestVersion = newestVersion
    }
}
