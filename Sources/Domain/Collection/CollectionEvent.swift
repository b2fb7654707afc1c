/// A line of a collection's progress.
public enum CollectionEvent: Sendable, Hashable {
    /// Things of this kind are looked at now; how many there are.
    case phase(CollectionItem.Kind, total: Int)
    case item(CollectionItem)
    case done(CollectionSummary)
}
