/// A data set by name, or one state of it by name and digest.
public struct DatasetReference: Sendable, Hashable {
    public var name: String
    public var digest: String?

    public init(name: String, digest: String?) {
        self.name = name
        self.digest = digest
    }
}
