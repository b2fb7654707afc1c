public import Domain
import Synchronization

/// The references of the versions with traffic, as they become known.
public final class ReferenceDirectory: Sendable {
    enum Entry: Sendable {
        case ready(VersionReference)
        /// There is none: the first live rows will make one.
        case absent(columns: [FeatureColumn], reason: String)
    }

    private let entries = Mutex<[ModelVersionID: Entry]>([:])

    public init() {}

    func entry(_ version: ModelVersionID) -> Entry? { entries.withLock { $0[version] } }

    func set(_ entry: Entry, for version: ModelVersionID) { entries.withLock { $0[version] = entry } }

    /// The reference of a version; nil while it has none.
    public func reference(_ version: ModelVersionID) -> ReferenceProfile? {
        guard case .ready(let reference) = entry(version) else { return nil }
        return reference.profile
    }

    var known: Set<ModelVersionID> { entries.withLock { Set($0.keys) } }

    /// Forgets versions that no endpoint names any more.
    func keepOnly(_ versions: Set<ModelVersionID>) {
        entries.withLock { $0 = $0.filter { versions.contains($0.key) } }
    }
}
