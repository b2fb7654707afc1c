/// What a collection did, or would do, in numbers.
public struct CollectionSummary: Sendable, Hashable, Codable {
    public var isDryRun: Bool
    public var experiments = 0
    public var runs = 0
    public var loggedModels = 0
    public var blobs = 0
    public var held = 0
    public var files = 0
    public var metricPoints: Int64 = 0
    /// Given back to the disk.
    public var freedBytes: Int64 = 0

    public init(isDryRun: Bool) {
        self.isDryRun = isDryRun
    }

    public mutating func add(_ item: CollectionItem) {
        guard item.outcome == .collected else {
            held += 1
            return
        }
        files += item.files
        metricPoints += item.metricPoints
        switch item.kind {
        case .experiment: experiments += 1
        case .run: runs += 1
        case .loggedModel: loggedModels += 1
        case .blob:
            blobs += 1
            freedBytes += item.bytes
        }
    }
}
