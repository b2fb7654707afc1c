import Domain
import Testing

@testable import Dashboard

@Suite("The picture of a lineage")
struct LineageLayoutTests {
    private func graph(_ edges: [(String, String)]) -> LineageGraph {
        var ids: [String] = []
        for id in edges.flatMap({ [$0.0, $0.1] }) where !ids.contains(id) { ids.append(id) }
        return LineageGraph(
            root: ids[0], direction: .both, depth: 5,
            nodes: ids.map { id in
                let kind = LineageNode.Kind(rawValue: String(id.prefix { $0 != ":" })) ?? .run
                return LineageNode(id: id, kind: kind, label: id)
            }, edges: edges.map { LineageEdge(from: $0.0, to: $0.1, label: "l") })
    }

    @Test("every way leads to the right, through copies and evaluations too, and no two boxes lie on each other")
    func layers() throws {
        let graph = graph([
            ("dataset:d@1", "run:a"), ("run:a", "model:m/1"), ("model:m/1", "model:n/1"), ("model:n/1", "run:eval"),
            ("dataset:e@1", "run:eval"), ("run:eval", "model:o/1"), ("model:m/1", "endpoint:m"),
        ])
        let layout = LineageLayout(graph)
        for edge in graph.edges {
            let from = try #require(layout.places[edge.from])
            let to = try #require(layout.places[edge.to])
            #expect(from.x + LineageLayout.width < to.x, "\(edge)")
        }
        for (index, box) in layout.boxes.enumerated() {
            #expect(box.x >= 0 && box.x + LineageLayout.width <= layout.size.width)
            #expect(box.y >= 0 && box.y + LineageLayout.height <= layout.size.height)
            for other in layout.boxes[(index + 1)...] {
                #expect(box.x != other.x || abs(box.y - other.y) >= LineageLayout.height)
            }
        }
    }

    @Test("a wide layer is told by number, and what was asked for stays in it; a ring ends too")
    func bounded() {
        let wide = graph((0..<100).map { ("dataset:d@1", "run:\($0)") })
        let layout = LineageLayout(wide)
        #expect(layout.boxes.count == 1 + LineageLayout.rowsMax)
        #expect(layout.boxes.last?.more == 100 - LineageLayout.rowsMax + 1)
        var asked = wide
        asked.root = "run:99"
        #expect(LineageLayout(asked).places["run:99"] != nil)
        #expect(LineageLayout(graph([("run:a", "model:m/1"), ("model:m/1", "run:a")])).boxes.count == 2)
    }

    @Test("the picture has a title, a description and a link a box, in words for those who do not see it")
    func accessible() {
        let text = LineagePicture(graph: graph([("run:a", "model:m/1"), ("model:m/1", "endpoint:m")])).html.rendered
        #expect(text.contains("<title id=\"lineage-picture-title\">Lineage of run:a</title>"))
        #expect(text.contains("1 run, 1 model version, 1 endpoint, 2 ways between them"))
        #expect(text.contains("href=\"/models/m/versions/1\"") && text.contains("href=\"/endpoints/m\""))
        #expect(text.contains("aria-label=\"Run run:a, asked for\""))
        #expect(text.split(separator: "<table").count == 3)
    }
}
