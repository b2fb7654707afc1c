public import Domain

/// Follows the lineage of a thing both ways, breadth first and within bounds.
public struct LineageService: Sendable {
    /// Nodes of one answer: more cannot be read, and each costs a few look-ups.
    public static let nodesMax = 300
    /// Neighbours of one node that are followed.
    public static let neighboursMax = 100
    public static let depthMax = 20
    public static let depthDefault = 10

    private let reading: any LineageReading
    private let ids: any PredictionIDSealing
    private let endpointName: @Sendable (Int64) async throws -> String?
    private let recorded: @Sendable (PredictionID) async throws -> PredictionRecord?

    /// - Parameters:
    ///   - endpointName: the name of an endpoint by its number; nil where it is gone.
    ///   - recorded: what was recorded of a prediction; nil where nothing was.
    public init(
        reading: any LineageReading, ids: any PredictionIDSealing,
        endpointName: @escaping @Sendable (Int64) async throws -> String?,
        recorded: @escaping @Sendable (PredictionID) async throws -> PredictionRecord?
    ) {
        self.reading = reading
        self.ids = ids
        self.endpointName = endpointName
        self.recorded = recorded
    }

    /// - Parameter depth: steps away from the thing, 1…20.
    /// - Throws: `notFound` for a thing that is not there; `invalidArgument` for a prediction id that is not ours, or a depth out of range.
    public func graph(
        of reference: LineageReference, _ direction: LineageGraph.Direction, depth: Int = depthDefault
    ) async throws -> LineageGraph {
        guard (1...Self.depthMax).contains(depth) else {
            throw MartletError.invalid("The depth is 1 to \(Self.depthMax), not \(depth).", field: "depth")
        }
        if case .prediction(let id) = reference { return try await prediction(id, direction, depth: depth) }
        let root = try await reading.node(reference)
        var walk = LineageWalk(root: root, nodesMax: Self.nodesMax)
        if direction != .downstream { try await follow(.upstream, from: [root], into: &walk, depth: depth) }
        if direction != .upstream { try await follow(.downstream, from: [root], into: &walk, depth: depth) }
        return walk.graph(root: root.id, direction, depth: depth)
    }

    private func follow(
        _ direction: LineageGraph.Direction, from start: [LineageNode], into walk: inout LineageWalk, depth: Int
    ) async throws {
        var frontier = start
        var followed = Set(start.map(\.id))
        for level in 0..<depth {
            var next: [LineageNode] = []
            for node in frontier {
                let step = try await reading.neighbours(of: node, direction, limit: Self.neighboursMax)
                if let cut = step.cut { walk.cut.append(cut) }
                for neighbour in walk.take(step) where followed.insert(neighbour.id).inserted { next.append(neighbour) }
            }
            if next.isEmpty || walk.isFull { return }
            frontier = next
            if level == depth - 1 { walk.cut.append("Followed \(depth) steps \(direction.rawValue), not further.") }
        }
    }

    // MARK: predictions

    /// A prediction comes from the one version that answered it, not from all that its endpoint has ever served.
    private func prediction(
        _ id: PredictionID, _ direction: LineageGraph.Direction, depth: Int
    ) async throws -> LineageGraph {
        let origin = try ids.open(id)
        let record = try await recorded(id)
        let root = LineageNode(
            id: LineageReference.prediction(id).description, kind: .prediction,
            label: "answered \(origin.time.iso8601)",
            facts: ["answered": origin.time.iso8601, "version": String(origin.version)]
                .merging(origin.policyVersion > 0 ? ["policy version": String(origin.policyVersion)] : [:]) { $1 }
                .merging(origin.rolloutID > 0 ? ["rollout": String(origin.rolloutID)] : [:]) { $1 })
        var walk = LineageWalk(root: root, nodesMax: Self.nodesMax)
        guard direction != .downstream else { return walk.graph(root: root.id, direction, depth: depth) }
        let named = try await endpointName(origin.endpointID)
        guard let name = named ?? record?.endpoint else {
            walk.cut.append("The id names no endpoint, and the request was not recorded: the model is not known.")
            return walk.graph(root: root.id, direction, depth: depth)
        }
        let version = try await found(.model(ModelVersionID(model: name, version: origin.version)))
        guard let version else {
            walk.cut.append("The version \(name)/\(origin.version) was deleted.")
            return walk.graph(root: root.id, direction, depth: depth)
        }
        if let endpoint = try await found(.endpoint(name)) {
            _ = walk.take(
                LineageStep(
                    nodes: [endpoint, version],
                    edges: [
                        LineageEdge(from: endpoint.id, to: root.id, label: "answered"),
                        LineageEdge(from: version.id, to: endpoint.id, label: "answered behind"),
                    ]))
        } else {
            // Asked by an explicit version path.
            _ = walk.take(
                LineageStep(
                    nodes: [version], edges: [LineageEdge(from: version.id, to: root.id, label: "answered")]))
        }
        if depth > 1 { try await follow(.upstream, from: [version], into: &walk, depth: depth - 1) }
        return walk.graph(root: root.id, direction, depth: depth)
    }

    private func found(_ reference: LineageReference) async throws -> LineageNode? {
        do {
            return try await reading.node(reference)
        } catch let error as MartletError where error.code == .notFound {
            return nil
        }
    }
}

/// What a walk has gathered so far.
struct LineageWalk {
    private var nodes: [LineageNode]
    private var known: Set<String>
    private var edges: [LineageEdge] = []
    private var knownEdges: Set<LineageEdge> = []
    private let nodesMax: Int
    var cut: [String] = []
    private(set) var isFull = false

    init(root: LineageNode, nodesMax: Int) {
        nodes = [root]
        known = [root.id]
        self.nodesMax = nodesMax
    }

    /// Adds a step's nodes and edges within the bound; an edge to a node that found no place is left out with it.
    ///
    /// - Returns: the step's nodes that are in the graph now.
    mutating func take(_ step: LineageStep) -> [LineageNode] {
        for node in step.nodes where !known.contains(node.id) {
            guard nodes.count < nodesMax else {
                isFull = true
                break
            }
            nodes.append(node)
            known.insert(node.id)
        }
        for edge in step.edges where known.contains(edge.from) && known.contains(edge.to) {
            if knownEdges.insert(edge).inserted { edges.append(edge) }
        }
        return step.nodes.filter { known.contains($0.id) }
    }

    func graph(root: String, _ direction: LineageGraph.Direction, depth: Int) -> LineageGraph {
        let full = isFull ? ["There are more than \(nodesMax) things; ask for one direction, or a smaller depth."] : []
        var said: Set<String> = []
        return LineageGraph(
            root: root, direction: direction, depth: depth, nodes: nodes, edges: edges,
            cut: (cut + full).filter { said.insert($0).inserted })
    }
}
