/// Names and values in two columns.
struct Facts {
    var pairs: [(String, HTML)] = []

    mutating func add(_ name: String, _ value: HTML) { pairs.append((name, value)) }
    mutating func add(_ name: String, text: String?) {
        if let text, !text.isEmpty { pairs.append((name, bdi(text: text))) }
    }

    var html: HTML {
        dl(.class("facts")) {
            for (name, value) in pairs {
                div {
                    dt(text: name)
                    dd { value }
                }
            }
        }
    }
}
