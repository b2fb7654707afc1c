import Domain

/// Places the nodes of a lineage in layers from left to right, so that every edge goes to the right.
///
/// Layers by the longest way (Sugiyama, Tagawa and Toda 1981), order within a layer by the middle of the neighbours (barycentre), a few
/// sweeps. O(sweeps × edges × log nodes).
struct LineageLayout {
    struct Box: Hashable {
        /// nil is what stands for the nodes that found no place.
        var node: LineageNode?
        /// How many more there are, for such a box.
        var more = 0
        var x: Double
        var y: Double
    }

    static let width = 172.0
    static let height = 46.0
    static let gapX = 54.0
    static let gapY = 12.0
    static let margin = 8.0
    /// Boxes of one layer; more are told by number.
    static let rowsMax = 9
    static let sweeps = 4

    private(set) var boxes: [Box] = []
    private(set) var places: [String: Box] = [:]
    let size: (width: Double, height: Double)

    init(_ graph: LineageGraph) {
        let layers = Self.ordered(Self.layers(graph), graph)
        var cut: [(nodes: [LineageNode], more: Int)] = []
        for layer in layers {
            let shown = layer.count > Self.rowsMax ? Self.kept(layer, root: graph.root) : layer
            cut.append((shown, layer.count - shown.count))
        }
        let tallest = cut.map { $0.nodes.count + ($0.more > 0 ? 1 : 0) }.max() ?? 0
        let columns = Double(max(1, layers.count))
        size = (
            2 * Self.margin + columns * Self.width + (columns - 1) * Self.gapX,
            2 * Self.margin + Double(tallest) * (Self.height + Self.gapY) - Self.gapY
        )
        for (index, layer) in cut.enumerated() {
            let x = Self.margin + Double(index) * (Self.width + Self.gapX)
            // From the top: where only the left of a wide picture is seen, there is something to see.
            var y = Self.margin
            for node in layer.nodes {
                let box = Box(node: node, x: x, y: y)
                boxes.append(box)
                places[node.id] = box
                y += Self.height + Self.gapY
            }
            if layer.more > 0 { boxes.append(Box(node: nil, more: layer.more, x: x, y: y)) }
        }
    }

    /// The first of a layer, and the thing that was asked for.
    private static func kept(_ layer: [LineageNode], root: String) -> [LineageNode] {
        let first = Array(layer.prefix(rowsMax - 1))
        guard let asked = layer.first(where: { $0.id == root }), !first.contains(asked) else { return first }
        return first.dropLast() + [asked]
    }

    /// A node stands to the right of all that it comes from; where nothing orders them, kinds do.
    private static func layers(_ graph: LineageGraph) -> [[LineageNode]] {
        var layer = Dictionary(graph.nodes.map { ($0.id, rank($0.kind)) }, uniquingKeysWith: { first, _ in first })
        // A way has at most as many steps as there are nodes; the bound also ends the search if ever there is a ring.
        for _ in graph.nodes {
            var isSettled = true
            for edge in graph.edges {
                guard let from = layer[edge.from], let to = layer[edge.to], to <= from, from < graph.nodes.count + 5
                else { continue }
                layer[edge.to] = from + 1
                isSettled = false
            }
            if isSettled { break }
        }
        let used = Set(layer.values).sorted()
        return used.map { number in graph.nodes.filter { layer[$0.id] == number } }
    }

    private static func rank(_ kind: LineageNode.Kind) -> Int {
        LineageNode.Kind.allCases.firstIndex(of: kind) ?? 0
    }

    private static func ordered(_ layers: [[LineageNode]], _ graph: LineageGraph) -> [[LineageNode]] {
        var neighbours: [String: [String]] = [:]
        for edge in graph.edges {
            neighbours[edge.from, default: []].append(edge.to)
            neighbours[edge.to, default: []].append(edge.from)
        }
        var layers = layers
        for _ in 0..<sweeps {
            var place: [String: Double] = [:]
            for layer in layers {
                for (index, node) in layer.enumerated() { place[node.id] = Double(index) - Double(layer.count) / 2 }
            }
            for index in layers.indices {
                let middles = layers[index].enumerated().map { offset, node -> (Double, Int, LineageNode) in
                    let near = (neighbours[node.id] ?? []).compactMap { place[$0] }
                    let middle = near.isEmpty ? (place[node.id] ?? 0) : near.reduce(0, +) / Double(near.count)
                    return (middle, offset, node)
                }
                layers[index] = middles.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
            }
        }
        return layers
    }
}
