public import Domain

/// A page as a value: what it shows, and the function from that to HTML.
public protocol Page: Sendable {
    /// For the window's title and the page's heading.
    var title: String { get }
    /// The place in the navigation that is marked; nil for none.
    var section: Section? { get }
    /// Seconds between refreshes of the live parts; nil where nothing moves.
    var refreshSeconds: Int? { get }
    /// Everything below the frame's header. `now` is the moment of the request.
    func content(now: Timestamp) -> HTML
}

extension Page {
    public var refreshSeconds: Int? { nil }
}
