import Domain

/// A lineage as a picture of boxes and ways between them, and the same in tables.
struct LineagePicture {
    /// Ways that are named in the picture; of more the names would hide each other, and the tables have them.
    static let namedEdgesMax = 14
    /// Rows of each table.
    static let rowsMax = 300
    /// Characters of a name that fit a box.
    static let charactersMax = 22

    var graph: LineageGraph

    static func card(_ graph: LineageGraph) -> HTML {
        Card(id: "lineage", title: "Lineage", note: "from data on the left to predictions on the right").html {
            LineagePicture(graph: graph).html
            p { a(.href(.lineage(graph.root)), text: "On a page of its own") }
        }
    }

    var html: HTML {
        .group([
            div(
                .class("lineage-scroll"), Attribute("tabindex", "0"), .role("region"), .label("Picture of the lineage")
            ) { picture },
            cut, tables,
        ])
    }

    private var cut: HTML {
        guard !graph.cut.isEmpty else { return .empty }
        return ul(.class("plain muted")) { for sentence in graph.cut { li { bdi(text: sentence) } } }
    }

    // MARK: picture

    private var picture: HTML {
        let layout = LineageLayout(graph)
        let kinds = LineageNode.Kind.allCases.compactMap { kind -> String? in
            let count = graph.nodes.count { $0.kind == kind }
            return count == 0 ? nil : NumberText.counted(count, Self.name(kind).lowercased())
        }
        return svg(
            .class("lineage"), .viewBox(layout.size.width, layout.size.height), .number("width", layout.size.width),
            .number("height", layout.size.height), .role("group"),
            .labelledBy("lineage-picture-title lineage-picture-description")
        ) {
            svgTitle(.id("lineage-picture-title"), text: "Lineage of \(rootLabel)")
            desc(
                .id("lineage-picture-description"),
                text: "\(kinds.joined(separator: ", ")), \(NumberText.counted(graph.edges.count, "way")) between them. "
                    + "Each box is a link; the tables below say the same.")
            for edge in graph.edges { way(edge, layout) }
            for box in layout.boxes { Self.html(box, root: graph.root) }
        }
    }

    private var rootLabel: String { graph.nodes.first { $0.id == graph.root }?.label ?? graph.root }

    @HTMLBuilder private func way(_ edge: LineageEdge, _ layout: LineageLayout) -> HTML {
        if let from = layout.places[edge.from], let to = layout.places[edge.to] {
            let x1 = from.x + LineageLayout.width
            let y1 = from.y + LineageLayout.height / 2
            let x2 = to.x
            let y2 = to.y + LineageLayout.height / 2
            let bend = (x2 - x1) / 2
            let numbers = [x1, y1, x1 + bend, y1, x2 - bend - 7, y2, x2 - 7, y2].map(SVGNumber.text)
            g(.class("way")) {
                path(
                    .class("line"),
                    .d(
                        "M\(numbers[0]) \(numbers[1]) C\(numbers[2]) \(numbers[3]) \(numbers[4]) \(numbers[5]) "
                            + "\(numbers[6]) \(numbers[7])"))
                path(
                    .class("tip"),
                    .d(
                        "M\(SVGNumber.text(x2)) \(SVGNumber.text(y2)) l-8 -4 v8 Z"))
                if graph.edges.count <= Self.namedEdgesMax {
                    svgText(
                        .class("name"), .number("x", x1 + bend - 3), .number("y", (y1 + y2) / 2 - 5),
                        Attribute("text-anchor", "middle"), text: Self.cut(edge.label, to: 10))
                }
            }
        }
    }

    private static func html(_ box: LineageLayout.Box, root: String) -> HTML {
        guard let node = box.node else {
            return g(.class("box more")) {
                frame(box)
                svgText(
                    .number("x", box.x + 12), .number("y", box.y + 28),
                    text: "and \(NumberText.count(box.more)) more")
            }
        }
        return a(
            .href(link(node)), .class("box \(node.kind.rawValue)" + (node.id == root ? " root" : "")),
            .label("\(name(node.kind)) \(node.label)" + (node.id == root ? ", asked for" : ""))
        ) {
            svgTitle(text: "\(name(node.kind)): \(node.label)")
            frame(box)
            svgText(
                .class("kind"), .number("x", box.x + 12), .number("y", box.y + 18),
                text: cut("\(name(node.kind))\(detail(node).map { " · \($0)" } ?? "")", to: charactersMax + 4))
            svgText(
                .class("label"), .number("x", box.x + 12), .number("y", box.y + 35),
                text: cut(node.label, to: charactersMax))
        }
    }

    private static func frame(_ box: LineageLayout.Box) -> HTML {
        rect(
            .number("x", box.x), .number("y", box.y), .number("width", LineageLayout.width),
            .number("height", LineageLayout.height), .number("rx", 8))
    }

    /// The one fact that fits beside the kind.
    private static func detail(_ node: LineageNode) -> String? {
        switch node.kind {
        case .dataset: node.dataset == nil ? "not kept here" : node.facts["rows"].map { "\($0) rows" }
        case .run: node.facts["training code"].map { "code \($0.prefix(7))" }
        case .model: node.facts["aliases"].map { "@\($0)" }
        case .endpoint: nil
        case .prediction: node.facts["version"].map { "v\($0)" }
        }
    }

    private static func cut(_ text: String, to characters: Int) -> String {
        text.count > characters ? text.prefix(characters - 1) + "…" : text
    }

    // MARK: tables

    private var tables: HTML {
        details {
            summary(text: "What and how (\(graph.nodes.count))")
            DataTable(
                caption: "Things in the lineage", columns: [.init("What"), .init("Kind"), .init("Facts", .wide)],
                rows: graph.nodes.prefix(Self.rowsMax).map { node in
                    [
                        a(.href(Self.link(node))) { bdi(text: node.label) }, .text(Self.name(node.kind)),
                        bdi(
                            text: node.facts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
                                .joined(separator: "; ")),
                    ]
                }
            ).html
            if !graph.edges.isEmpty {
                DataTable(
                    caption: "Ways between them", columns: [.init("From"), .init("How"), .init("To", .wide)],
                    rows: graph.edges.prefix(Self.rowsMax).map { edge in
                        [bdi(text: label(edge.from)), bdi(text: edge.label), bdi(text: label(edge.to))]
                    }
                ).html
            }
        }
    }

    private func label(_ id: String) -> String { graph.nodes.first { $0.id == id }?.label ?? id }

    // MARK: words

    static func name(_ kind: LineageNode.Kind) -> String {
        switch kind {
        case .dataset: "Data set"
        case .run: "Run"
        case .model: "Model version"
        case .endpoint: "Endpoint"
        case .prediction: "Prediction"
        }
    }

    /// Its own page, where it has one; else its lineage.
    static func link(_ node: LineageNode) -> Link {
        if let version = node.dataset { return .datasetVersion(version.name, version.number) }
        // An id is a reference; one that is none leads to the page that says so.
        guard let reference = try? LineageReference(node.id) else { return .lineage(node.id) }
        switch reference {
        case .model(let id): return .version(id.model, id.version)
        case .endpoint(let name): return .endpoint(name)
        case .prediction(let id): return .prediction(id.rawValue)
        case .dataset, .run: return .lineage(node.id)
        }
    }
}
