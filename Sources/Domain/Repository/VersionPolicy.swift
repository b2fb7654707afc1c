/// Which of the versions that lie in a model's folder are served.
public enum VersionPolicy: Sendable, Hashable {
    /// The so many highest numbers, 1 or more.
    case latest(Int)
    case all
    case specific([Int])

    /// The versions to serve, ascending; of `specific` also those that are not there, so that whoever asks is told.
    public func chosen(from present: [Int]) -> [Int] {
        switch self {
        case .latest(let count): present.sorted().suffix(count)
        case .all: present.sorted()
        case .specific(let versions): Set(versions).sorted()
        }
    }
}
