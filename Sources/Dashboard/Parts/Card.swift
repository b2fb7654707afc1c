/// A titled part of a page.
struct Card {
    /// Also names the part for screen readers, so it must be unique on the page.
    var id: String
    var title: String
    var note: String?
    /// Whether it changes by itself and is refreshed.
    var isLive = false

    func html(@HTMLBuilder content: () -> HTML) -> HTML {
        section([.class("card"), .id(id), .labelledBy(id + "-title")] + (isLive ? [Attribute("data-live", nil)] : [])) {
            div(.class("card-head")) {
                h2(.id(id + "-title"), text: title)
                if let note { p(.class("muted"), text: note) }
            }
            content()
        }
    }
}
