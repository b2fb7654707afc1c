/// Where a page stands in a list that is longer than a page.
public struct Paging<Key: Sendable & Hashable>: Sendable, Hashable {
    public var isFirst: Bool
    /// The key behind which the next page begins; nil on the last.
    public var next: Key?

    public init(isFirst: Bool = true, next: Key? = nil) {
        self.isFirst = isFirst
        self.next = next
    }

    /// Ways to the first and the next page; nothing where one page holds all.
    ///
    /// - Parameter label: names the list for screen readers.
    func html(
        label: String, first: Link, firstText: String = "Newest", nextText: String = "Older", next link: (Key) -> Link
    ) -> HTML {
        guard !isFirst || next != nil else { return .empty }
        return nav(.class("pages"), .label(label)) {
            if !isFirst { a(.href(first), text: firstText) }
            if let next { a(Attribute("rel", "next"), .href(link(next)), text: nextText) }
        }
    }
}
