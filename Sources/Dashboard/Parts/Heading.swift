/// The top of a page: where one is, what it is, one sentence.
struct Heading {
    var title: String
    var trail: [(String, Link)] = []
    var lead: HTML = .empty
    var badges: [Badge] = []

    var html: HTML {
        div(.class("heading")) {
            if !trail.isEmpty {
                nav(.class("trail"), .label("Breadcrumb")) {
                    ol { for (name, link) in trail { li { a(.href(link)) { bdi(text: name) } } } }
                }
            }
            div(.class("title-row")) {
                h1 { bdi(text: title) }
                for badge in badges { badge.html }
            }
            if lead != .empty { p(.class("lead")) { lead } }
        }
    }
}
