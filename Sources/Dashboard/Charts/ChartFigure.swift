/// A chart with its caption, its legend and the same figures as a table.
struct ChartFigure {
    /// Rows of the table below a chart; older ones are left to the API.
    static let rowsMax = 100

    var title: String
    var picture: HTML
    var legend: [(String, String)] = []
    var columns: [String]
    var rows: [[String]]
    var isTitleShown = false

    static func noData(_ title: String) -> HTML {
        p(.class("nodata"), text: "No data yet for \(title).")
    }

    var html: HTML {
        figure(.class("figure")) {
            if isTitleShown { figcaption(text: title) }
            picture
            if !legend.isEmpty {
                ul(.class("legend")) {
                    for (kind, text) in legend {
                        li {
                            span(.class("swatch \(kind)"), .hiddenFromReaders)
                            text
                        }
                    }
                }
            }
            details(.class("figures")) {
                summary {
                    "Figures"
                    span(.class("visually-hidden"), text: " of \(title)")
                }
                div(.class("scroll"), Attribute("tabindex", "0"), .role("region"), .label("Figures of \(title)")) {
                    table {
                        caption(.class("visually-hidden"), text: title)
                        thead { tr { for column in columns { th(.scope("col"), text: column) } } }
                        tbody {
                            for row in rows { tr { for cell in row { td(text: cell) } } }
                        }
                    }
                }
            }
        }
    }
}
