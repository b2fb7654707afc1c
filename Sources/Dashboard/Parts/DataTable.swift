/// A table with a caption and column headers. On narrow screens each row becomes a card, whose cells carry their column's
/// name; the roles keep it a table for screen readers.
struct DataTable: Sendable {
    struct Column: Sendable {
        enum Kind: String, Sendable { case plain, number, wide }
        var title: String
        var kind = Kind.plain
        init(_ title: String, _ kind: Kind = .plain) {
            self.title = title
            self.kind = kind
        }
    }

    var caption: String
    var columns: [Column]
    /// One cell a column; the first is the row's header.
    var rows: [[HTML]]

    var html: HTML {
        table(.class("data"), .role("table")) {
            Dashboard.caption(.class("visually-hidden"), text: caption)
            thead(.role("rowgroup")) {
                tr(.role("row")) {
                    for column in columns {
                        th(.scope("col"), .role("columnheader"), .class(column.kind.rawValue), text: column.title)
                    }
                }
            }
            tbody(.role("rowgroup")) {
                for row in rows { tr(.role("row")) { cells(row) } }
            }
        }
    }

    private func cells(_ row: [HTML]) -> [HTML] {
        zip(columns, row).enumerated().map { index, pair in
            let (column, content) = pair
            let attributes: [Attribute] = [.class(column.kind.rawValue), Attribute("data-label", column.title)]
            if index == 0 {
                return th(attributes + [.scope("row"), .role("rowheader")]) { span(.class("cell")) { content } }
            }
            return td(attributes + [.role("cell")]) { span(.class("cell")) { content } }
        }
    }
}
