/// A data set as lists show it.
public struct DatasetOverview: Sendable, Hashable, Codable {
    public var name: String
    /// How many versions there are.
    public var versions: Int
    public var newest: DatasetVersionID
    public var rows: Int
    public var columns: Int
    public var bytes: Int64
    public var createdAt: Timestamp
    public var createdByName: String

    public init(
        name: String, versions: Int, newest: DatasetVersionID, rows: Int, columns: Int, bytes: Int64,
        createdAt: Timestamp, createdByName: String
    ) {
        self.name = name
        self.versions = versions
        self.newest = newest
        self.rows = rows
        self.columns = columns
        self.bytes = bytes
        self.createdAt = createdAt
        self.createdByName = createdByName
    }
}
